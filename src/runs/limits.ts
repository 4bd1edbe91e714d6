import { NOISE_MOMENTS } from './pairs.js';
import { NOISE_SCORES } from './weights.js';

/** What nearly all windows of uniform noise stay under (score) and above (distinct bytes). */

/** The weights as 16-bit integers. */
export const SCORES = Int16Array.from(NOISE_SCORES);

const MEAN = SCORES.reduce((sum, score) => sum + score, 0) / 256;
const VARIANCE = SCORES.reduce((sum, score) => sum + (score - MEAN) ** 2, 0) / 256;

/** Standard deviations above the mean that nearly all random windows stay under (a sum of many scores is near normal, a little skewed). */
const DEVIATIONS = 3.65;

/** The greatest score that a window of so many bytes may have. */
export function scoreLimit(length: number): number {
  return Math.ceil(MEAN * length + DEVIATIONS * Math.sqrt(VARIANCE * length));
}

/** The same for pairs: one random window in 9,000 to 25,000 scores more. */
const PAIR_DEVIATIONS = 4.2;

/** The greatest sum that the scores of neighbours in such a window may have: two that share a byte do not vary on their own. */
export function pairLimit(length: number): number {
  const { mean, variance, covariance } = NOISE_MOMENTS;
  const pairs = length - 1;
  return Math.ceil(
    mean * pairs + PAIR_DEVIATIONS * Math.sqrt(pairs * variance + 2 * (pairs - 1) * covariance),
  );
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
