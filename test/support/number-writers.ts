/** Writes an integer in memory, in at least `cells` cells. Shares no code with src/core/encodings. */
export type NumberWriter = (value: bigint, cells?: number) => Buffer;

/** Digits of `bits` bits, the least significant first, each in a cell of `bytes` bytes. */
const digits =
  (bits: number, bytes: number, write: (cell: Buffer, digit: bigint) => unknown): NumberWriter =>
  (value, cells = 0) => {
    const all: Buffer[] = [];
    for (let rest = value; rest > 0n || all.length < cells; rest >>= BigInt(bits)) {
      const cell = Buffer.alloc(bytes);
      write(cell, rest % 2n ** BigInt(bits));
      all.push(cell);
    }
    return Buffer.concat(all);
  };

/** The octets of a digit, the least significant first. */
const octets = (cell: Buffer, digit: bigint): Buffer => {
  for (const at of cell.keys()) cell[at] = Number((digit >> BigInt(8 * at)) % 256n);
  return cell;
};

const plain = (bits: number, bytes: number): NumberWriter => digits(bits, bytes, octets);
const bigEndian = (bytes: number): NumberWriter =>
  digits(8 * bytes, bytes, (cell, digit) => octets(cell, digit).reverse());
const smi = (bits: number): NumberWriter => digits(bits, 8, (cell, digit) => octets(cell.subarray(4), digit));
const compressed = (bits: number): NumberWriter => digits(bits, 4, (cell, digit) => octets(cell, 2n * digit));
const double = (bits: number): NumberWriter =>
  digits(bits, 8, (cell, digit) => cell.writeDoubleLE(Number(digit)));
const tagged = (bits: number): NumberWriter =>
  digits(bits, 8, (cell, digit) => octets(cell, 0xfffe_0000_0000_0000n + digit));

/** Cells of `bytes` bytes in reverse order. */
const backwards =
  (bytes: number, form: NumberWriter): NumberWriter =>
  (value, cells) => {
    const stored = form(value, cells);
    const ends = Array.from({ length: stored.length / bytes }, (_, index) => stored.length - index * bytes);
    return Buffer.concat(ends.map((end) => stored.subarray(end - bytes, end)));
  };

/** By the names of src/core/encodings/number-forms.ts, in its order. */
export const WRITERS = {
  'bytes-be': backwards(1, plain(8, 1)),
  'limbs-le': plain(8, 1),
  'int32-msw': backwards(4, plain(32, 4)),
  'int64-msw': backwards(8, plain(64, 8)),
  'limbs-be-hprof': bigEndian(8),
  'ints-be-hprof': bigEndian(4),
  'digits30-le32': plain(30, 4),
  'digits60-le64': plain(60, 8),
  'digits63-le64': plain(63, 8),
  'digits28-le32': plain(28, 4),
  'v8-smi28': smi(28),
  'v8-smi26': smi(26),
  'v8-smi28c': compressed(28),
  'v8-smi26c': compressed(26),
  'v8-double28': double(28),
  'v8-double26': double(26),
  'jsc-int28': tagged(28),
  'jsc-int26': tagged(26),
  'digits15-le16': plain(15, 2),
  'digits31-le32': plain(31, 4),
  'digits26-le32': plain(26, 4),
  'digits29-le32': plain(29, 4),
  'digits51-le64': plain(51, 8),
  'digits52-le64': plain(52, 8),
  'digits56-le64': plain(56, 8),
  'digits57-le64': plain(57, 8),
  'digits58-le64': plain(58, 8),
  'digits59-le64': plain(59, 8),
  'digits61-le64': plain(61, 8),
  'digits62-le64': plain(62, 8),
} as const;

export type WriterName = keyof typeof WRITERS;
export const WRITER_NAMES = Object.keys(WRITERS) as WriterName[];
