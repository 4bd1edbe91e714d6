import { leastDistinct, pairLimit, SCORES, scoreLimit } from '../../runs/limits.js';
import { pairScores } from '../../runs/pairs.js';

/**
 * Does a window of a run look random? What comes out of the entropy net is mostly machine code, tables and text; a key is
 * uniform noise, and its bytes and their neighbours score low by the weights of the ground floor.
 */

function score(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0;
  for (let i = at; i < at + length; i++) sum += SCORES[bytes[i]!]!;
  return sum;
}

function pairScore(bytes: Uint8Array, at: number, length: number): number {
  const scores = pairScores();
  let sum = 0;
  for (let i = at; i + 1 < at + length; i++) sum += scores[(bytes[i]! << 8) | bytes[i + 1]!]!;
  return sum;
}

const seen = new Uint32Array(256);
let generation = 0;

function distinct(bytes: Uint8Array, at: number, length: number): number {
  generation = (generation + 1) >>> 0;
  if (generation === 0) {
    seen.fill(0);
    generation = 1;
  }
  let count = 0;
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!;
    if (seen[byte] === generation) continue;
    seen[byte] = generation;
    count++;
  }
  return count;
}

interface Limits {
  score: number;
  distinct: number;
  pairs: number;
}

const limits = new Map<number, Limits>();

function limitsOf(length: number): Limits {
  const known = limits.get(length);
  if (known) return known;
  const made = { score: scoreLimit(length), distinct: leastDistinct(length), pairs: pairLimit(length) };
  limits.set(length, made);
  return made;
}

/** True for 99.9 % of random windows of `length` bytes (32 and more), and for few others. The window lies inside `bytes`. */
export function looksRandom(bytes: Uint8Array, at: number, length: number): boolean {
  const limit = limitsOf(length);
  if (score(bytes, at, length) > limit.score || pairScore(bytes, at, length) > limit.pairs) return false;
  return distinct(bytes, at, length) >= limit.distinct;
}

/**
 * The same of numbers in digits, which leave some bits of a word zero: they may score `slack` more and have `fewer` distinct bytes less, and
 * their neighbours are not judged.
 */
export function digitsLookRandom(
  bytes: Uint8Array,
  at: number,
  length: number,
  slack: number,
  fewer = 0,
): boolean {
  const limit = limitsOf(length);
  if (score(bytes, at, length) > limit.score + slack) return false;
  return distinct(bytes, at, length) >= limit.distinct - fewer;
}

/** Zero bytes of the word at `at`; a word outside `bytes` is all zeros. */
export function zeroBytes(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 8 > bytes.length) return 8;
  let zeros = 0;
  for (let i = at; i < at + 8; i++) if (bytes[i] === 0) zeros++;
  return zeros;
}

/**
 * The word at `at` may be a number's own end, missed by the net for its top bits or for two zero bytes. Pointers have theirs at an
 * end, and stand beside numbers in every heap.
 */
export function isGrey(bytes: Uint8Array, at: number): boolean {
  const zeros = zeroBytes(bytes, at);
  const zeroEnd = (i: number) => bytes[at + i] === 0 && bytes[at + i + 1] === 0;
  return zeros <= 1 || (zeros === 2 && !zeroEnd(0) && !zeroEnd(6));
}

/** The word at `at` is one of these lengths in octets. A word outside `bytes` is none. */
export function isLength(bytes: Uint8Array, at: number, lengths: readonly number[]): boolean {
  if (at < 0 || at + 8 > bytes.length || !lengths.includes(bytes[at]!)) return false;
  for (let i = at + 1; i < at + 8; i++) if (bytes[i] !== 0) return false;
  return true;
}

/**
 * A number may begin at `at`, of one of these lengths in octets: a quiet word stands before it (a length, a header, a pointer, padding), or the
 * hash of CPython's `bytes`, which is all ones until it is computed, and random behind the length from then on (Include/cpython/bytesobject.h).
 */
export function isLed(bytes: Uint8Array, at: number, lengths: readonly number[]): boolean {
  return zeroBytes(bytes, at - 8) >= 2 || isAllOnes(bytes, at - 8) || isLength(bytes, at - 16, lengths);
}

function isAllOnes(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 8; i++) if (bytes[i] !== 0xff) return false;
  return true;
}
