import { readAsset } from '../../core/base/runtime/assets.js';
import { NOISE_SCORES } from './weights.js';

/** Limits that nearly all windows of uniform noise satisfy. */

/** The weights as 16-bit integers. */
export const SCORES = Int16Array.from(NOISE_SCORES);

const MEAN = SCORES.reduce((sum, score) => sum + score, 0) / 256;
const VARIANCE = SCORES.reduce((sum, score) => sum + (score - MEAN) ** 2, 0) / 256;

/** Standard deviations above the mean: a sum of many scores is near normal, slightly skewed. */
const DEVIATIONS = 3.65;

/** Greatest score of a window of `length` bytes. */
export function scoreLimit(length: number): number {
  return Math.ceil(MEAN * length + DEVIATIONS * Math.sqrt(VARIANCE * length));
}

/** For pairs: one random window in 9,000 to 25,000 scores more. */
const PAIR_DEVIATIONS = 4.2;

/**
 * Greatest sum of pair scores of a window of `length` bytes: adjacent pairs share a byte, hence the
 * covariance.
 */
export function pairLimit(length: number): number {
  const { mean, variance, covariance } = NOISE_MOMENTS;
  const pairs = length - 1;
  return Math.ceil(
    mean * pairs + PAIR_DEVIATIONS * Math.sqrt(pairs * variance + 2 * (pairs - 1) * covariance),
  );
}

/**
 * Fewest distinct byte values of a window of `length` random bytes: n draws from 256 have 256 (1 - (1 -
 * 1/256)^n) on average, and all but one in ten thousand are within 4.3 deviations.
 */
export function leastDistinct(length: number): number {
  const miss = (1 - 1 / 256) ** length;
  const both = (1 - 2 / 256) ** length;
  const variance = 256 * 255 * both + 256 * miss - (256 * miss) ** 2;
  return Math.floor(256 * (1 - miss) - 4.3 * Math.sqrt(variance));
}

/** Pairs of bytes: 256 times the first, plus the second. */
const PAIRS = 65_536;

let scores: Int8Array | undefined;

/**
 * Weight of a byte behind another one, 8 log2(256 f): f is its frequency there in machine code, tables and
 * packed structures that look random by single bytes (bench/noise/train.ts). Uniform noise scores low.
 */
export function pairScores(): Int8Array {
  if (scores === undefined) {
    const table = readAsset('src/sweep/runs/pairs.bin');
    scores = new Int8Array(table.buffer, table.byteOffset, PAIRS);
  }
  return scores;
}

/**
 * Moments of pair scores in uniform noise, from bench/noise/train.ts; the covariance is of two pairs that
 * share a byte.
 */
export const NOISE_MOMENTS = { mean: -2.0879, variance: 36.039, covariance: -0.6841 } as const;
