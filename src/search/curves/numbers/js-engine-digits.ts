import { wipeAfterRuns } from '../../../base/runtime/scratch.js';
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

/**
 * Capacities in digits that the array whose elements begin at `at` may have, by the header before it; empty
 * if there is no array.
 */
type Lengths = (bytes: Buffer, at: number) => readonly number[];

/** V8: the length as a small integer, or in later versions as a 32-bit integer and 32 bits of padding. */
const v8Lengths: Lengths = (bytes, at) => {
  const [lower, upper] = [bytes.readUInt32LE(at - 8), bytes.readUInt32LE(at - 4)];
  return lower === 0 ? [upper] : upper === 0 ? [lower] : [];
};
/** V8 with compressed pointers. */
const v8CompressedLengths: Lengths = (bytes, at) => {
  const length = bytes.readUInt32LE(at - 4);
  return length % 2 === 0 ? [length, length / 2] : [length];
};
/** JavaScriptCore: length in use and capacity (IndexingHeader). */
const jscLengths: Lengths = (bytes, at) => {
  const [used, room] = [bytes.readUInt32LE(at - 8), bytes.readUInt32LE(at - 4)];
  return used <= room && room <= 2 * MAX_DIGITS ? [used] : [];
};

/**
 * Digit forms of one engine, the narrower first (its digits are valid in the wider form too), and its array
 * header.
 */
interface ArrayLayout {
  forms: readonly DigitForm[];
  stride: number;
  lengths: Lengths;
}

const LAYOUTS: readonly ArrayLayout[] = ENGINE_FORMS.map((forms) => ({
  forms,
  stride: 8,
  lengths: forms[0]!.reading.startsWith('jsc') ? jscLengths : v8Lengths,
}));
const COMPRESSED_LAYOUT: ArrayLayout = { forms: COMPRESSED, stride: 4, lengths: v8CompressedLengths };

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
    for (const layout of LAYOUTS) readArray(layout, memory, at, offset + at - start, keep);
  }
}

/** The same for `count` digits at `offset`, with compressed pointers. */
export function compressedNumbers(bytes: RunBytes, offset: number, count: number, keep: KeepNumber): void {
  const { stride } = COMPRESSED_LAYOUT;
  // The array's header need not be among them.
  const from = Math.max(0, offset - stride);
  const memory = bytes.read(from, offset - from + count * stride);
  for (let at = stride; at < memory.length; at += stride)
    readArray(COMPRESSED_LAYOUT, memory, at, from + at, keep);
}

function readArray(
  { forms, stride, lengths }: ArrayLayout,
  bytes: Buffer,
  at: number,
  offset: number,
  keep: KeepNumber,
): void {
  const capacities = lengths(bytes, at).filter((length) => length >= MIN_DIGITS && length <= MAX_DIGITS);
  const capacity = capacities[0];
  if (capacity === undefined) return;
  const most = Math.min(capacity, Math.floor((bytes.length - at) / stride));
  for (const form of forms) {
    const digits: number[] = [];
    const enough = Math.min(most, Math.ceil(SIZES.at(-1)!.bits / form.bits));
    while (digits.length < enough) {
      const digit = form.read(bytes, at + digits.length * stride);
      if (digit === undefined) break;
      digits.push(digit);
    }
    // Too short for any curve.
    if (digits.length * form.bits < SIZES[0].bits - MAX_LEADING_ZEROS) continue;
    let isNumber = false;
    for (const { bits, size } of SIZES) {
      if (!packDigits(digits, form.bits, bits)) continue;
      isNumber = true;
      const count = Math.ceil(bits / form.bits);
      const fits = capacities.some((each) => each >= count && each <= count + SPARE_DIGITS);
      const mayBeScalar =
        form.bits !== BN_BITS ||
        capacities.some((each) => each < 2 * count - 1 || each === grownCapacity(count));
      keep({
        ...{ words: words.subarray(0, size / 4), size, reading: form.reading as JsEngineEncoding },
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
    // With the bits already in its first octet, at most 35 bits.
    octets.writeUIntLE(octets.readUIntLE(at, 6) + digit * 2 ** ((i * width) & 7), at, 6);
  }
  return true;
}

/** Bit length of an integer in digits of `bits` bits. */
function bitLengthOf(digits: readonly number[], bits: number): number {
  const last = digits.findLastIndex((digit) => digit > 0);
  return last < 0 ? 0 : last * bits + 32 - Math.clz32(digits[last]!);
}
