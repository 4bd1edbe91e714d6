import { NOISE_SCORES } from '../noise.js';

/**
 * Does a window of a run look random? What comes out of the entropy net is mostly machine code, tables and text; a key is
 * uniform noise, and scores low by the weights of the ground floor.
 */

/** The weights as the kernel reads them. */
export const SCORES = Int16Array.from(NOISE_SCORES);

const MEAN = SCORES.reduce((sum, score) => sum + score, 0) / 256;
const VARIANCE = SCORES.reduce((sum, score) => sum + (score - MEAN) ** 2, 0) / 256;

/** Standard deviations above the mean that nearly all random windows stay under (a sum of many scores is near normal, a little skewed). */
const DEVIATIONS = 3.65;

/** The greatest score that a window of so many bytes may have. */
export function scoreLimit(length: number): number {
  return Math.ceil(MEAN * length + DEVIATIONS * Math.sqrt(VARIANCE * length));
}

/**
 * The fewest distinct byte values of a window of `length` random bytes: those of n draws from 256 have the mean
 * 256 (1 - (1 - 1/256)^n), and all but one in ten thousand lie within 4.3 deviations.
 */
function leastDistinct(length: number): number {
  const miss = (1 - 1 / 256) ** length;
  const both = (1 - 2 / 256) ** length;
  const variance = 256 * 255 * both + 256 * miss - (256 * miss) ** 2;
  return Math.floor(256 * (1 - miss) - 4.3 * Math.sqrt(variance));
}

function score(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0;
  for (let i = at; i < at + length; i++) sum += SCORES[bytes[i]!]!;
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

const limits = new Map<number, { score: number; distinct: number }>();

function limitsOf(length: number): { score: number; distinct: number } {
  const known = limits.get(length);
  if (known) return known;
  const made = { score: scoreLimit(length), distinct: leastDistinct(length) };
  limits.set(length, made);
  return made;
}

/**
 * True for 99.9 % of random windows of `length` bytes (32 and more), and for few others. The window lies inside `bytes`.
 * `slack` is added to the score's limit, for numbers whose digits leave some bits of a word zero.
 */
export function looksRandom(bytes: Uint8Array, at: number, length: number, slack = 0): boolean {
  const limit = limitsOf(length);
  return score(bytes, at, length) <= limit.score + slack && distinct(bytes, at, length) >= limit.distinct;
}

/** Zero bytes of the word at `at`; a word outside `bytes` is all zeros. */
export function zeroBytes(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 8 > bytes.length) return 8;
  let zeros = 0;
  for (let i = at; i < at + 8; i++) if (bytes[i] === 0) zeros++;
  return zeros;
}

/** Zero bytes of a word beside a run that may still belong to the number, and those of one that surely does not. */
const GREY = 1;
const QUIET = 2;

/** The word at `at` may be the number's own end, missed by the net for its top bits. */
export function isGrey(bytes: Uint8Array, at: number): boolean {
  return zeroBytes(bytes, at) <= GREY;
}

/** The word at `at` is no part of a number: a length, a header, a pointer, padding. */
export function isQuiet(bytes: Uint8Array, at: number): boolean {
  return zeroBytes(bytes, at) >= QUIET;
}
