import { inflateSync } from 'node:zlib';
import { readAsset } from '../core/base/runtime/assets.js';

/**
 * First-order Markov model of one kind of dump content: `first[x]` is weight * p(x), `next[x << 8 | y]` is
 * p(y | x).
 */
export interface BigramDomain {
  first: Float64Array;
  next: Float64Array;
}

/**
 * Written by bench/sweep/train.ts: one table for each
 * trained domain, u8 round(8 * log2(1 + count)), deflated.
 */
const TABLES = 'src/sweep/bigrams.bin';
const SIZE = 65_536;
/** Steps of the quantised logarithm per power of two. */
export const STEPS = 8;

/** Shares of the bytes of a dump, by kind of content; figures in docs/performance.md. */
const WEIGHT = { trained: 0.85, wide: 0.1, fill: 0.05 };

/** Added to every count (additive smoothing), so that unseen pairs are possible. */
const SMOOTHING = 0.05;

function chain(counts: Float64Array, weight: number): BigramDomain {
  const first = new Float64Array(256);
  const next = new Float64Array(SIZE);
  let all = 0;
  for (let x = 0; x < 256; x++) {
    let sum = 0;
    for (let y = 0; y < 256; y++) sum += counts[(x << 8) | y]! + SMOOTHING;
    for (let y = 0; y < 256; y++) next[(x << 8) | y] = (counts[(x << 8) | y]! + SMOOTHING) / sum;
    first[x] = sum;
    all += sum;
  }
  for (let x = 0; x < 256; x++) first[x]! *= weight / all;
  return { first, next };
}

/**
 * UTF-16 text, which the training files lack: each character
 * of `text` between NULs. Makes keys like 00 24 00 costly.
 */
function wideText(text: Float64Array): Float64Array {
  const counts = new Float64Array(SIZE);
  for (let x = 0x20; x < 0x7f; x++) {
    let sum = 0;
    for (let y = 0x20; y < 0x7f; y++) sum += text[(x << 8) | y]!;
    counts[x << 8] = counts[x] = sum;
  }
  return counts;
}

/** Large enough that {@link SMOOTHING} makes no other pair likely. */
const OFTEN = 1 << 20;

/** Fill patterns: one byte repeated. */
function fill(): Float64Array {
  const counts = new Float64Array(SIZE);
  for (let x = 0; x < 256; x++) counts[(x << 8) | x] = OFTEN;
  return counts;
}

/** The models that keys are chosen under. */
export function domains(): BigramDomain[] {
  const logs = inflateSync(readAsset(TABLES));
  const trained: Float64Array[] = [];
  for (let at = 0; at < logs.length; at += SIZE) {
    trained.push(Float64Array.from(logs.subarray(at, at + SIZE), (log) => 2 ** (log / STEPS) - 1));
  }
  return [
    ...trained.map((counts) => chain(counts, WEIGHT.trained / trained.length)),
    chain(wideText(trained[0]!), WEIGHT.wide),
    chain(fill(), WEIGHT.fill),
  ];
}
