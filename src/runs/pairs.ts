import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';

/** Pairs of bytes: the first times 256, and the second. */
const PAIRS = 65_536;

let scores: Int8Array | undefined;

/**
 * Weight of a byte behind another one, 8 log2(256 f): f is its frequency there in what looks random byte by byte and is not, machine code, tables and
 * packed structures (bench/noise/train.ts). Uniform noise scores low. Most machine code has the bytes of noise, and an order of its own.
 */
export function pairScores(): Int8Array {
  if (scores === undefined) {
    const table = readFileSync(asset('src/runs/pairs.bin'));
    scores = new Int8Array(table.buffer, table.byteOffset, PAIRS);
  }
  return scores;
}

/** Of the scores of pairs in uniform noise; the covariance is of two that share a byte. As `bench/noise/train.ts` prints them. */
export const NOISE_MOMENTS = { mean: -2.0879, variance: 36.039, covariance: -0.6841 } as const;
