/** Digits that do not fill their storage: big integers of CPython, libtommath, Go and JavaScript. */

export type PartialWordName =
  | 'limbs-be-hprof'
  | 'digits30-le32'
  | 'digits60-le64'
  | 'digits63-le64'
  | 'digits28-le32'
  | 'digits15-le16'
  | 'digits31-le32'
  | `v8-smi${28 | 26}`
  | `v8-smi${28 | 26}c`
  | `v8-double${28 | 26}`
  | `jsc-int${28 | 26}`;

/** Storage of one digit. */
interface Digit {
  bits: number;
  /** Bytes from one digit to the next. */
  stride: number;
  write(place: Buffer, at: number, digit: bigint): void;
}

const le16 = (bits: number): Digit => ({
  bits,
  stride: 2,
  write: (place, at, digit) => place.writeUInt16LE(Number(digit), at),
});
const le32 = (bits: number): Digit => ({
  bits,
  stride: 4,
  write: (place, at, digit) => place.writeUInt32LE(Number(digit), at),
});
const le64 = (bits: number): Digit => ({
  bits,
  stride: 8,
  write: (place, at, digit) => place.writeBigUInt64LE(digit, at),
});
const be = (stride: 4 | 8): Digit => ({
  bits: stride * 8,
  stride,
  write: (place, at, digit) =>
    stride === 8 ? place.writeBigUInt64BE(digit, at) : place.writeUInt32BE(Number(digit), at),
});

/**
 * V8's small integers (Smi): in the upper half of a word, or shifted left by one with compressed pointers.
 */
const smi = (bits: number): Digit => ({
  bits,
  stride: 8,
  write: (place, at, digit) => place.writeUInt32LE(Number(digit), at + 4),
});
const compressed = (bits: number): Digit => ({
  bits,
  stride: 4,
  write: (place, at, digit) => place.writeUInt32LE(Number(digit) * 2, at),
});
const double = (bits: number): Digit => ({
  bits,
  stride: 8,
  write: (place, at, digit) => place.writeDoubleLE(Number(digit), at),
});
/**
 * JavaScriptCore's small integers: 32 bits below the JSValue NumberTag, which marks a NaN that no double has.
 */
const boxed = (bits: number): Digit => ({
  bits,
  stride: 8,
  write: (place, at, digit) => place.writeBigUInt64LE((0xfffen << 48n) | digit, at),
});

/** Each encoding, with all widths that its digits may have. */
export const PARTIAL_WORDS: Readonly<Record<PartialWordName, readonly Digit[]>> = {
  // long[] and int[] of libraries with little-endian limbs: a heap dump stores each limb big-endian.
  'limbs-be-hprof': [be(8), be(4)],
  'digits30-le32': [le32(30)],
  'digits60-le64': [le64(60)],
  'digits63-le64': [le64(63)],
  'digits28-le32': [le32(28)],
  'v8-smi28': [smi(28)],
  'v8-smi26': [smi(26)],
  'v8-smi28c': [compressed(28)],
  'v8-smi26c': [compressed(26)],
  'v8-double28': [double(28)],
  'v8-double26': [double(26)],
  'jsc-int28': [boxed(28)],
  'jsc-int26': [boxed(26)],
  // CPython's int on 32-bit systems (PyLong_SHIFT 15), libtommath with MP_31BIT.
  'digits15-le16': [le16(15)],
  'digits31-le32': [le32(31)],
};

/** Bytes that an integer of `total` bits takes. */
export const partialWordsLength = ({ bits, stride }: Digit, total: number): number =>
  Math.ceil(total / bits) * stride;

/** The digits of an integer in memory, least significant first. */
export function writePartialWords(value: bigint, digit: Digit): Buffer {
  const total = value.toString(2).length;
  const place = Buffer.alloc(partialWordsLength(digit, total));
  const bits = BigInt(digit.bits);
  for (let at = 0, rest = value; at < place.length; at += digit.stride, rest >>= bits)
    digit.write(place, at, BigInt.asUintN(digit.bits, rest));
  return place;
}
