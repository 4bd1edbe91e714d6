import { leastDistinct, pairLimit, pairScores, SCORES, scoreLimit } from '../../sweep/runs/limits.js';

/**
 * Randomness test for windows of a run. Most runs of the entropy net are machine code, tables and text. A key
 * is uniform noise: its bytes and pairs of bytes score low by the weights in src/sweep/runs.
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

/** True for 99.9 % of random windows of `length` bytes (32 and more), and for few others. */
export function looksRandom(bytes: Uint8Array, at: number, length: number): boolean {
  const limit = limitsOf(length);
  if (score(bytes, at, length) > limit.score || pairScore(bytes, at, length) > limit.pairs) return false;
  return distinct(bytes, at, length) >= limit.distinct;
}

/**
 * The test for numbers in digits, which leave some bits of a word zero: the score may be `slack` higher, with
 * `fewer` distinct bytes less. Pairs are not scored.
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
 * The word at `at` may be the end of a number, rejected by the net for its top bits or two zero bytes.
 * Pointers, which are adjacent to numbers in every heap, have their zeros at an end.
 */
export function mayEndNumber(bytes: Uint8Array, at: number): boolean {
  const zeros = zeroBytes(bytes, at);
  const zeroEnd = (i: number) => bytes[at + i] === 0 && bytes[at + i + 1] === 0;
  return zeros <= 1 || (zeros === 2 && !zeroEnd(0) && !zeroEnd(6));
}

/** The word at `at` is one of these lengths in octets. False outside `bytes`. */
export function isLength(bytes: Uint8Array, at: number, lengths: readonly number[]): boolean {
  if (at < 0 || at + 8 > bytes.length || !lengths.includes(bytes[at]!)) return false;
  for (let i = at + 1; i < at + 8; i++) if (bytes[i] !== 0) return false;
  return true;
}

/**
 * A number of one of these lengths in octets may begin at `at`: the word before it has zero bytes (a length,
 * header, pointer or padding), or is the hash of CPython's `bytes`, all ones until it is computed, then
 * random behind the length (Include/cpython/bytesobject.h).
 */
export function followsHeader(bytes: Uint8Array, at: number, lengths: readonly number[]): boolean {
  return zeroBytes(bytes, at - 8) >= 2 || isAllOnes(bytes, at - 8) || isLength(bytes, at - 16, lengths);
}

function isAllOnes(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 8; i++) if (bytes[i] !== 0xff) return false;
  return true;
}
