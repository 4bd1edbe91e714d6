import { wipeAfterRuns } from '../../../core/base/runtime/scratch.js';
import { arrayLength } from '../../../core/encodings/array-length.js';
import type { ArrayLength } from '../../../core/encodings/number-codec.js';
import { COMPRESSED, type DigitForm, ENGINE_FORMS } from '../../core/digit-forms.js';
import type { Piece, RunBytes } from '../../core/run-bytes.js';
import type { JsEngineEncoding } from '../../core/types.js';

/** Bits of a curve's numbers, and bytes of the whole words that hold them. */
const SIZES = [
  { bits: 256, size: 32 },
  { bits: 384, size: 48 },
  { bits: 521, size: 72 },
] as const;
/** Leading zero bits accepted: one random number in a million has more. */
const MAX_LEADING_ZEROS = 20;
/** Largest capacity of an array, in digits: an unreduced product in an array that grew by half. */
const MAX_DIGITS = 256;
/** Smallest capacity. A smaller value before the digits may be a digit of the preceding array. */
const MIN_DIGITS = Math.ceil((256 - MAX_LEADING_ZEROS) / 28);
const BOUNDS = { least: MIN_DIGITS, most: MAX_DIGITS };

/** Buffer for the words of a number; P-521 takes 18. */
const words = new Uint32Array(18);
const octets = Buffer.from(words.buffer);
wipeAfterRuns(() => words.fill(0));

/** A number stored in digits. */
export interface JsEngineNumber {
  /** 32-bit words, least significant first; overwritten by the next number. */
  words: Uint32Array;
  size: number;
  reading: JsEngineEncoding;
  /** File offset of its first digit. */
  offset: number;
  /** Digits that its array can hold. */
  capacity: number;
  /** The capacity is hardly larger than the number: it was converted from octets or text and not computed. */
  fits: boolean;
  /** False for a product reduced in place, which is a field element and no scalar. */
  mayBeScalar: boolean;
}

type KeepNumber = (number: JsEngineNumber) => void;
/** Spare digits of an array that a number was converted into: octets or text need not fill the last one. */
const SPARE_DIGITS = 1;
/** Bits of a word of bn.js. */
const BN_BITS = 26;

/**
 * Numbers of a curve's size in digits of a JavaScript engine (elliptic with bn.js, jsbn), from arrays that
 * begin in the piece. Each is in an array of its own, found by its length. After a reduction a field element
 * is followed by the rest of the product, so the digits alone do not show where a number ends.
 */
export function jsEngineNumbers(
  bytes: Buffer,
  { at: start, words, before, after, offset }: Piece,
  keep: KeepNumber,
): void {
  const memory = bytes.subarray(0, start + after);
  const end = Math.min(start + words * 8, memory.length);
  // The words before the piece may be the header of an array.
  for (let at = before >= 8 ? start : start + 8; at < end; at += 8) {
    // Rejects most words early: both halves of a length are small.
    if (memory.readUInt32LE(at - 4) > 2 * MAX_DIGITS || memory.readUInt32LE(at - 8) > MAX_DIGITS) continue;
    for (const forms of ENGINE_FORMS) readArray(forms, memory, at, offset + at - start, keep);
  }
}

/** The same for `count` digits at `offset`, with compressed pointers. */
export function compressedNumbers(bytes: RunBytes, offset: number, count: number, keep: KeepNumber): void {
  const { cell } = COMPRESSED[0]!;
  // The array's header need not be among them.
  const from = Math.max(0, offset - cell);
  const memory = bytes.read(from, offset - from + count * cell);
  for (let at = cell; at < memory.length; at += cell) readArray(COMPRESSED, memory, at, from + at, keep);
}

const capacitiesAt = (lengths: readonly ArrayLength[], bytes: Buffer, at: number): number[] =>
  lengths.map((length) => arrayLength(length, bytes, at, BOUNDS)).filter((length) => length > 0);

/** Forms of one layout. */
function readArray(
  forms: readonly DigitForm[],
  bytes: Buffer,
  at: number,
  offset: number,
  keep: KeepNumber,
): void {
  const { lengths, cell } = forms[0]!;
  let capacity = 0;
  for (const field of lengths) {
    capacity = arrayLength(field, bytes, at, BOUNDS);
    if (capacity > 0) break;
  }
  if (capacity === 0) return;
  const most = Math.min(capacity, Math.floor((bytes.length - at) / cell));
  for (const form of forms) {
    const digits: number[] = [];
    const enough = Math.min(most, Math.ceil(SIZES.at(-1)!.bits / form.bits));
    while (digits.length < enough) {
      const digit = form.digitAt(bytes, at + digits.length * cell);
      if (digit === undefined) break;
      digits.push(digit);
    }
    // Too short for any curve.
    if (digits.length * form.bits < SIZES[0].bits - MAX_LEADING_ZEROS) continue;
    let isNumber = false;
    for (const { bits, size } of SIZES) {
      if (!packDigits(digits, form.bits, bits)) continue;
      isNumber = true;
      const capacities = capacitiesAt(lengths, bytes, at);
      const needed = Math.ceil(bits / form.bits);
      const fits = capacities.some((each) => each >= needed && each <= needed + SPARE_DIGITS);
      const mayBeScalar =
        form.bits !== BN_BITS ||
        capacities.some((each) => each < 2 * needed - 1 || each === grownCapacity(needed));
      keep({
        ...{ words: words.subarray(0, size / 4), size, reading: form.name as JsEngineEncoding },
        ...{ offset, capacity, fits, mayBeScalar },
      });
    }
    // A number in narrow digits is one in wider digits too only once in a million.
    if (isNumber) return;
  }
}

/**
 * Capacity to which V8 grows an empty array when jsbn copies digits from the highest down. (bn.js multiplies
 * into arrays of twice the digits.)
 */
const grownCapacity = (count: number): number => count + (count >> 1) + 16;

/** Packs the lowest digits into `words`. False unless they form a random-looking number of `bits` bits. */
function packDigits(digits: readonly number[], width: number, bits: number): boolean {
  const length = bitLengthOf(digits.slice(0, Math.ceil(bits / width)), width);
  if (length > bits || length < bits - MAX_LEADING_ZEROS) return false;
  const used = digits.slice(0, Math.ceil(length / width));
  if (new Set(used).size < used.length) return false;
  octets.fill(0);
  for (const [i, digit] of used.entries()) {
    const at = (i * width) >> 3;
    // The digit and the bits already in its first octet are at most 35 bits.
    octets.writeUIntLE(octets.readUIntLE(at, 6) + digit * 2 ** ((i * width) & 7), at, 6);
  }
  return true;
}

/** Bit length of an integer in digits of `bits` bits. */
function bitLengthOf(digits: readonly number[], bits: number): number {
  const last = digits.findLastIndex((digit) => digit > 0);
  return last < 0 ? 0 : last * bits + 32 - Math.clz32(digits[last]!);
}
