import { readAsset } from '../../core/base/runtime/assets.js';

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
