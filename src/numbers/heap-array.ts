import type { HeapArray } from '../dump/types.js';
import { type NumberRecord, READING } from '../noise/records.js';
import { READINGS } from './readings.js';
import type { RunBytes } from './run-bytes.js';
import type { Run } from './types.js';

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

const BIG_ENDIAN = READINGS.indexOf('bytes-be');

/** The window is all of the number that an array holds. */
export function isWhole({ offset, words }: Run, window: NumberRecord): boolean {
  return window.offset === offset && window.size === words && (window.detail & READING) === BIG_ENDIAN;
}

const ignore = () => {};

/** Takers for records of runs whose numbers are looked for again, in their arrays. */
export const NO_NUMBERS = { window: ignore, digits: ignore, number: ignore, long: ignore, point: ignore };
