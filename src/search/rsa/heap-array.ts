/** Numbers in arrays of a managed heap: Java's BigInteger.mag, byte arrays, and limbs of other libraries. */

import type { HeapArray } from '../../formats/memory/types.js';
import { ENCODING_BITS, type NumberRecord } from '../../sweep/runs/records.js';
import { encodingCode, sizeOf } from '../core/columns.js';
import { bitLength, INTEGER_ENCODINGS, lowWord, toNumber } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import { looksRandom } from '../core/randomness-test.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { IntegerEncoding, Run } from '../core/types.js';
import type { RsaWindows } from './rsa-windows.js';

/** Bytes of the shortest number, and of the longest: 16,384 bits and a leading zero. */
const MIN_BYTES = 24;
const MAX_BYTES = 2049;
/** Bytes of a number of 521 bits; an array of 4-byte elements has two zeros before it. */
const P521_BYTES = 66;
/** Bytes of the longest array, whose upper limbs can be unused and zero. */
const MAX_ARRAY_BYTES = 2 * MAX_BYTES;
/**
 * For numbers whose bit length is no multiple of 64: the shortest in bytes, and leading zeros.
 * BigInteger.mag has up to three in its highest int, toByteArray() one.
 */
const MIN_ODD_BYTES = 60;
const MAX_LEADING_ZEROS = 3;
/** Bits of the shortest prime. */
const MIN_BITS = 256;

/**
 * The number that fills an array, most significant byte first, as a run of its own; undefined if the array
 * has no number's length.
 */
export function numberIn({ offset, length, elementSize }: HeapArray, bytes: RunBytes): Run | undefined {
  if (length < MIN_BYTES || length > MAX_BYTES) return undefined;
  const skipped = leadingZeros(length, () => bytes.read(offset, 1)[0] === 0);
  const words = Math.floor((length - skipped) / 8);
  return { offset: offset + skipped, words, whole: elementSize > 1 };
}

/** BigInteger.toByteArray() writes a zero if the sign bit would be set. */
function leadingZeros(length: number, startsWithZero: () => boolean): number {
  if (length > P521_BYTES && length < P521_BYTES + 3) return length - P521_BYTES;
  return length % 8 === 1 && startsWithZero() ? 1 : 0;
}

/** Encoding of limbs, by the bytes of an element. */
const LIMB_ENCODING: Readonly<Record<number, IntegerEncoding>> = { 4: 'ints-be-hprof', 8: 'limbs-be-hprof' };

/**
 * Keeps the number that fills an array as a possible prime or modulus, if its limbs are least significant
 * first: int[] and long[] of libraries with their own big integers.
 */
export function keepLimbs(
  { offset, length, elementSize }: HeapArray,
  bytes: RunBytes,
  windows: RsaWindows,
): void {
  const reading = LIMB_ENCODING[elementSize];
  if (reading === undefined || length < MIN_BYTES || length > MAX_ARRAY_BYTES) return;
  const array = bytes.read(offset, length);
  if ((array[elementSize - 1]! & 1) === 0) return;
  let end = array.length;
  while (end > 0 && array.subarray(end - elementSize, end).every((byte) => byte === 0)) end -= elementSize;
  if (end < MIN_BYTES || end > MAX_BYTES) return;
  keepNumber(array.subarray(0, end), offset, reading, windows);
}

/**
 * Keeps the number that fills an array, most significant byte first, if it does not fill its words or has
 * leading zeros: the extractor finds all others.
 */
export function keepAnyLength(
  { offset, length, elementSize }: HeapArray,
  bytes: RunBytes,
  windows: RsaWindows,
): void {
  if (elementSize === 2 || length < MIN_ODD_BYTES || length > MAX_BYTES) return;
  const array = bytes.read(offset, length);
  if (array.length < length || (array[length - 1]! & 1) === 0) return;
  const zeros = array.findIndex((byte) => byte !== 0);
  if (zeros > MAX_LEADING_ZEROS || (array[zeros]! > 127 && (length - zeros) % 16 === 0)) return;
  keepNumber(array.subarray(zeros), offset + zeros, 'bytes-be', windows);
}

function keepNumber(stored: Buffer, offset: number, reading: IntegerEncoding, windows: RsaWindows): void {
  if (!looksRandom(stored, 0, stored.length & ~7)) return;
  const value = toNumber(stored, reading);
  const bits = bitLength(value);
  if (bits < MIN_BITS || !mayBePrime(value)) return;
  const code = encodingCode(INTEGER_ENCODINGS.indexOf(reading), Math.ceil(bits / 64) * 8 - stored.length);
  windows.keep(sizeOf(bits), offset, code, lowWord(value));
}

const BIG_ENDIAN = INTEGER_ENCODINGS.indexOf('bytes-be');

/** True if the window is the whole number of an array. */
export function isWhole({ offset, words }: Run, window: NumberRecord): boolean {
  return window.offset === offset && window.size === words && (window.detail & ENCODING_BITS) === BIG_ENDIAN;
}

const ignore = () => {};

/** Record handlers that ignore numbers, for runs whose numbers are searched again in their arrays. */
export const IGNORE_NUMBERS = {
  window: ignore,
  digits: ignore,
  anyLength: ignore,
  number: ignore,
  long: ignore,
  point: ignore,
};
