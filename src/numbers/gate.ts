/**
 * Does a window of a run look random? What comes out of the entropy net is mostly machine code, tables and text; a key is
 * uniform noise. Each byte value has a weight, 8 log2(256 f) with f its frequency in such impostors (run starts with few
 * distinct bytes in 1 GB of system files and a JVM's core): noise scores low, impostors high.
 */
// biome-ignore format: a table of sixteen columns
export const SCORES = Int16Array.of(
  32, 25, 15, 16, 16, 15, 7, 7, 18, 5, 2, -1, 1, -2, 1, 18,
  11, 4, 6, 7, -7, 4, -12, -13, 0, 6, -15, -9, -6, -7, -13, -3,
  9, -13, -17, -16, 13, -15, -19, -15, -2, -7, 6, 0, -2, -5, -12, -14,
  -3, 1, -12, -15, -14, -11, -4, -16, -4, -2, -2, -11, -13, -6, -14, -16,
  0, 12, -8, -5, 8, 4, -11, -9, 29, 10, -15, -13, 14, 2, -10, -13,
  -2, -16, -16, 15, -1, 0, -9, -6, -10, 16, -18, -12, -8, -7, -17, -15,
  -7, 1, -14, -6, -4, 0, 6, -11, -6, -2, -18, -11, -5, -9, -3, 1,
  -5, -20, -3, -2, 6, 0, -14, -14, -9, -13, -17, -13, -10, -9, -13, -10,
  0, -5, -9, 11, 3, 8, -8, -13, -6, 24, -16, 20, -11, 11, -14, -14,
  -2, -19, -19, -18, -13, -9, -17, -18, -11, -9, -13, -18, -14, -16, -17, -15,
  -7, -14, -12, -19, -4, -13, -11, -4, -7, -17, -13, -19, -11, -16, -13, -14,
  -1, -13, -6, -14, 2, -5, 9, -6, 1, -9, -10, -7, -11, 7, -4, -9,
  7, -3, -7, -1, -6, -10, -3, -4, -7, -9, -15, -20, -15, -22, -13, -17,
  6, -3, -9, -14, -19, -14, -16, -14, -5, -8, -14, -11, -21, -23, -15, -5,
  9, -6, -12, -13, -15, -6, -10, -9, 12, 1, -12, -8, -2, -9, -14, -9,
  -8, -16, -11, -9, -16, -17, -5, -9, -6, -12, -9, -9, -10, -8, -1, 27,
);

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
export function leastDistinct(length: number): number {
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

/** True for 99.9 % of random windows of `length` bytes (32 and more), and for few others. The window lies inside `bytes`. */
export function looksRandom(bytes: Uint8Array, at: number, length: number): boolean {
  const limit = limitsOf(length);
  return score(bytes, at, length) <= limit.score && distinct(bytes, at, length) >= limit.distinct;
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
