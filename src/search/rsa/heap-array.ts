import { type NumberRecord, READING } from '../../runs/records.js';
import { readingCode, sizeOf } from '../core/columns.js';
import { bitLength, INTEGER_ENCODINGS, lowWord, toNumber } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import { looksRandom } from '../core/randomness-test.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { HeapArray, Reading, Run } from '../core/types.js';
import type { RsaWindows } from './rsa-windows.js';

/** Bytes of the shortest number, and of the longest one, of 16,384 bits, with a zero before it. */
const LEAST = 24;
const MOST = 2049;
/** Bytes of a number of 521 bits; in four-byte elements, two zeros stand before it. */
const P521 = 66;

/**
 * The number that fills an array of a managed heap, most significant byte first, as a run of its own: Java's BigInteger.mag and
 * byte arrays. Undefined where the array is no number's length.
 */
export function numberIn({ offset, length, elementSize }: HeapArray, bytes: RunBytes): Run | undefined {
  if (length < LEAST || length > MOST) return undefined;
  const skipped = zerosBefore(length, () => bytes.read(offset, 1)[0] === 0);
  const words = Math.floor((length - skipped) / 8);
  return { offset: offset + skipped, words, whole: elementSize > 1 };
}

/** BigInteger.toByteArray() writes a zero where the sign bit would be set. */
function zerosBefore(length: number, startsWithZero: () => boolean): number {
  if (length > P521 && length < P521 + 3) return length - P521;
  return length % 8 === 1 && startsWithZero() ? 1 : 0;
}

/** Limbs that a library has room for, and a number leaves zero. */
const MOST_ARRAY = 2 * MOST;
/** Bytes of the shortest number of any length, and zeros before it: BigInteger.mag has up to three of its highest integer, toByteArray() one. */
const LEAST_ODD = 60;
const MOST_ZEROS = 3;
/** Bits of the shortest prime that is looked for, as the extractor does in its windows, and of one that has any length. */
const LEAST_BITS = 256;

/** The readings of an array with elements of so many bytes. */
const LIMBS: Readonly<Record<number, Reading>> = { 4: 'ints-be-hprof', 8: 'limbs-be-hprof' };

/**
 * Keeps the number that fills an array, as a prime or a modulus, where its limbs stand least significant first: those of libraries with
 * limbs of their own in int[] and long[]. Limbs behind it may be zero.
 */
export function keepLimbs(
  { offset, length, elementSize }: HeapArray,
  bytes: RunBytes,
  windows: RsaWindows,
): void {
  const reading = LIMBS[elementSize];
  if (reading === undefined || length < LEAST || length > MOST_ARRAY) return;
  const array = bytes.read(offset, length);
  if ((array[elementSize - 1]! & 1) === 0) return;
  let end = array.length;
  while (end > 0 && array.subarray(end - elementSize, end).every((byte) => byte === 0)) end -= elementSize;
  if (end < LEAST || end > MOST || !looksRandom(array, 0, end & ~7)) return;
  const value = toNumber(array.subarray(0, end), reading);
  keepNumber(value, { offset, length: end, reading }, windows);
}

/**
 * The same of one that stands most significant byte first and does not fill its words, or begins with zeros: what else the extractor finds.
 */
export function keepOdd(
  { offset, length, elementSize }: HeapArray,
  bytes: RunBytes,
  windows: RsaWindows,
): void {
  if (elementSize === 2 || length < LEAST_ODD || length > MOST) return;
  const array = bytes.read(offset, length);
  if (array.length < length || (array[length - 1]! & 1) === 0) return;
  const zeros = array.findIndex((byte) => byte !== 0);
  if (zeros > MOST_ZEROS || (array[zeros]! > 127 && (length - zeros) % 16 === 0)) return;
  const number = array.subarray(zeros);
  if (looksRandom(number, 0, number.length & ~7))
    keepNumber(
      toNumber(number, 'bytes-be'),
      { offset: offset + zeros, length: number.length, reading: 'bytes-be' },
      windows,
    );
}

function keepNumber(
  value: bigint,
  { offset, length, reading }: { offset: number; length: number; reading: Reading },
  windows: RsaWindows,
): void {
  const bits = bitLength(value);
  if (bits < LEAST_BITS || !mayBePrime(value)) return;
  const code = readingCode(INTEGER_ENCODINGS.indexOf(reading), Math.ceil(bits / 64) * 8 - length);
  windows.keep(sizeOf(bits), offset, code, lowWord(value));
}

const BIG_ENDIAN = INTEGER_ENCODINGS.indexOf('bytes-be');

/** The window is all of the number that an array holds. */
export function isWhole({ offset, words }: Run, window: NumberRecord): boolean {
  return window.offset === offset && window.size === words && (window.detail & READING) === BIG_ENDIAN;
}

const ignore = () => {};

/** Takers for records of runs whose numbers are looked for again, in their arrays. */
export const NO_NUMBERS = {
  window: ignore,
  digits: ignore,
  anyLength: ignore,
  number: ignore,
  long: ignore,
  point: ignore,
  adjacentNpq: ignore,
};
