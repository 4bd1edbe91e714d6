import { toBytes } from '../../base/bytes/integers.js';
import { PARTIAL_WORDS, type PartialWordName } from '../../encodings/partial-words.js';
import type { DigitEncoding, IntegerEncoding, TextEncoding, WordEncoding } from './types.js';

export { bitsOf as bitLength } from '../../base/bytes/integers.js';

/** An encoding of integers in memory. */
interface ReadingRow {
  /** Bytes of an integer of `words` 64-bit words. */
  stored(words: number): number;
  /** To an unsigned big-endian integer. */
  decode(bytes: Buffer): Buffer;
}

const whole = (decode: ReadingRow['decode']): ReadingRow => ({
  stored: (words) => words * 8,
  decode,
});

/** Digits of `bits` bits, least significant first, each in `stride` bytes. */
function digits(bits: number, stride: number, read: (bytes: Buffer, at: number) => bigint): ReadingRow {
  return {
    stored: (words) => Math.ceil((words * 64) / bits) * stride,
    decode(bytes) {
      let value = 0n;
      for (let at = bytes.length - stride; at >= 0; at -= stride)
        value = (value << BigInt(bits)) | read(bytes, at);
      return toBytes(value);
    },
  };
}

const base64url = (bytes: Buffer) => Buffer.from(bytes.toString('latin1'), 'base64url');
const upperHalf = (bytes: Buffer, at: number) => BigInt(bytes.readUInt32LE(at + 4));
const double = (bytes: Buffer, at: number) => BigInt(bytes.readDoubleLE(at));
const u64 = (bytes: Buffer, at: number) => bytes.readBigUInt64LE(at);
const doubled = (bytes: Buffer, at: number) => BigInt(bytes.readUInt32LE(at) >>> 1);
const u32 = (bytes: Buffer, at: number) => BigInt(bytes.readUInt32LE(at));

const rows: { [K in IntegerEncoding]: ReadingRow } = {
  'limbs-le': whole((bytes) => bytes.reverse()),
  'bytes-be': whole((bytes) => bytes),
  'int32-msw': whole((bytes) => bytes.swap32()),
  // CPython's int (PyLong_SHIFT 30).
  'digits30-le32': digits(30, 4, u32),
  // libtommath (MP_DIGIT_BIT 60), Go's bigmod before 1.22.
  'digits60-le64': digits(60, 8, u64),
  'digits63-le64': digits(63, 8, u64),
  // jsbn and bn.js in V8: small integers in the upper half of a word, or doubles.
  'v8-smi28': digits(28, 8, upperHalf),
  'v8-smi26': digits(26, 8, upperHalf),
  'v8-double28': digits(28, 8, double),
  'v8-double26': digits(26, 8, double),
  // The same with compressed pointers: twice the small integer in 32 bits.
  'v8-smi28c': digits(28, 4, doubled),
  'v8-smi26c': digits(26, 4, doubled),
  // Members of a JSON Web Key (RFC 7518, section 2, Base64urlUInt).
  base64url: { stored: (words) => Math.ceil((words * 64) / 6), decode: base64url },
  hex: { stored: (words) => words * 16, decode: (bytes) => Buffer.from(bytes.toString('latin1'), 'hex') },
  // libtommath with digits in 32 bits (MP_28BIT).
  'digits28-le32': digits(28, 4, u32),
  // Arrays of 64 and of 32 bits in a heap dump, the least significant limb first.
  'limbs-be-hprof': whole((bytes) => bytes.reverse().swap64()),
  'ints-be-hprof': whole((bytes) => bytes.reverse().swap32()),
  // jsbn and bn.js in JavaScriptCore: a tag in the upper half of a word.
  'jsc-int28': digits(28, 8, u32),
  'jsc-int26': digits(26, 8, u32),
};

/** In the order of the kernels' codes, in `window` and `long` records and in columns of windows. */
export const INTEGER_ENCODINGS = Object.keys(rows) as IntegerEncoding[];

/** Encodings in whole words. */
export const WORD_ENCODINGS: readonly WordEncoding[] = ['limbs-le', 'bytes-be', 'int32-msw'];

/** Encodings in digits of numbers of a curve's size. */
export const DIGIT_ENCODINGS: readonly DigitEncoding[] = ['digits30-le32', 'digits60-le64'];

/** All encodings in digits. */
export const DIGIT_FORMS = INTEGER_ENCODINGS.filter(
  (reading): reading is IntegerEncoding & PartialWordName =>
    reading in PARTIAL_WORDS && !reading.endsWith('hprof'),
);

/** The unit in which a number may be shorter than its words: bytes of a digit, or one byte. */
export const unitOf = (reading: IntegerEncoding): number =>
  DIGIT_FORMS.some((form) => form === reading) ? PARTIAL_WORDS[reading as PartialWordName][0]!.stride : 1;

/** Encodings in texts, with the bits of a character. */
export const TEXT_BITS: Readonly<Record<TextEncoding, number>> = { base64url: 6, hex: 4 };
export const TEXT_ENCODINGS = Object.keys(TEXT_BITS) as TextEncoding[];

export const charactersOf = (octets: number, reading: TextEncoding): number =>
  Math.ceil((octets * 8) / TEXT_BITS[reading]);

/** Bytes of an integer of `words` 64-bit words. */
export function storedLength(words: number, reading: IntegerEncoding): number {
  return rows[reading].stored(words);
}

/** To an unsigned big-endian integer. The length is a multiple of 4 for `int32-msw`. */
export function toBigEndian(bytes: Uint8Array, reading: IntegerEncoding): Buffer {
  return rows[reading].decode(Buffer.from(bytes));
}

export function toNumber(bytes: Uint8Array, reading: IntegerEncoding): bigint {
  return BigInt(`0x${toBigEndian(bytes, reading).toString('hex')}`);
}

/** The lowest 64 bits, which the joins compare first. */
export function lowWord(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
