import { NUMBER_FORMS, type SearchedForm } from '../../core/encodings/number-forms.js';
import type { DigitEncoding, IntegerEncoding, TextEncoding, WordEncoding } from './types.js';

export { bitsOf as bitLength } from '../../core/base/bytes/integers.js';

/** In the order of the kernels' codes, in `window` and `long` records and in columns of windows. */
export const INTEGER_ENCODINGS: readonly IntegerEncoding[] = [
  ...(['limbs-le', 'bytes-be', 'int32-msw', 'digits30-le32', 'digits60-le64', 'digits63-le64'] as const),
  ...(['v8-smi28', 'v8-smi26', 'v8-double28', 'v8-double26', 'v8-smi28c', 'v8-smi26c'] as const),
  ...(['base64url', 'hex', 'digits28-le32', 'limbs-be-hprof', 'ints-be-hprof'] as const),
  ...(['jsc-int28', 'jsc-int26'] as const),
];

/** Encodings in whole words. */
export const WORD_ENCODINGS: readonly WordEncoding[] = ['limbs-le', 'bytes-be', 'int32-msw'];

/** Encodings in digits of numbers of a curve's size. */
export const DIGIT_ENCODINGS: readonly DigitEncoding[] = ['digits30-le32', 'digits60-le64'];

/** Encodings in texts, with the bits of a character: members of a JSON Web Key (RFC 7518, section 2), hex. */
export const TEXT_BITS: Readonly<Record<TextEncoding, number>> = { base64url: 6, hex: 4 };
export const TEXT_ENCODINGS = Object.keys(TEXT_BITS) as TextEncoding[];

export const isText = (reading: IntegerEncoding): reading is TextEncoding => reading in TEXT_BITS;
/** True for digits narrower than their cells. */
export const isDigits = (reading: IntegerEncoding): reading is SearchedForm =>
  !isText(reading) && NUMBER_FORMS[reading].bits < 8 * NUMBER_FORMS[reading].cell;

export const charactersOf = (octets: number, reading: TextEncoding): number =>
  Math.ceil((octets * 8) / TEXT_BITS[reading]);

/** The unit in which a number may be shorter than its words: bytes of a digit, or one byte. */
export const unitOf = (reading: IntegerEncoding): number =>
  isDigits(reading) ? NUMBER_FORMS[reading].cell : 1;

/** Bytes of an integer of `words` 64-bit words. */
export const storedLength = (words: number, reading: IntegerEncoding): number =>
  isText(reading) ? charactersOf(words * 8, reading) : NUMBER_FORMS[reading].storedLength(words * 64);

/** To an unsigned big-endian integer. The length is a multiple of 4 for `int32-msw`. */
export function toBigEndian(bytes: Uint8Array, reading: IntegerEncoding): Buffer {
  const stored = Buffer.from(bytes);
  return isText(reading)
    ? Buffer.from(stored.toString('latin1'), reading)
    : NUMBER_FORMS[reading].read(stored);
}

export function toNumber(bytes: Uint8Array, reading: IntegerEncoding): bigint {
  return BigInt(`0x${toBigEndian(bytes, reading).toString('hex')}`);
}

/** The lowest 64 bits, which the joins compare first. */
export function lowWord(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
