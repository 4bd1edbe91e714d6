/**
 * Writes src/sweep/runs/pairs.bin: log-likelihoods of byte pairs in data that the entropy net accepts
 * although it is not random.
 *
 *   node dist/bench/noise/train.js FILE…
 *
 * The files are dumps and files of programs; keep some aside for validation.
 * Counts the bytes at both ends of the runs that numbers are extracted from, if they pass the single-byte
 * test. The printed moments belong into src/sweep/runs/limits.ts.
 */
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { type ByteReader, openStorage } from '../../src/core/base/bytes/storage.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { kernelName } from '../../src/sweep/kernel-select.js';
import { leastDistinct, SCORES, scoreLimit } from '../../src/sweep/runs/limits.js';
import { batchesOf } from '../sweep/passes.js';
import { builtinSet } from '../sweep/sets.js';

/** Bytes counted at an end of a run; words of the longest run that is one object. */
const WINDOW = 48;
const LONGEST = 96;
/** Steps per bit; largest score; pseudocount of every pair. */
const STEPS = 8;
const MOST = 64;
const PRIOR = 4;

function windowsOf(path: string): Uint8Array[] {
  const fd = openSync(path, 'r');
  const storage = { kind: 'file', fd, length: fstatSync(fd).size } as const;
  const reader = openStorage(storage);
  const windows = new Map<string, Uint8Array>();
  for (const { runs } of batchesOf(kernelName(), { net: builtinSet().net, storage, runs: true }))
    for (const [i, offset] of runs!.offsets.entries()) {
      const words = runs!.words[i]!;
      if (words > LONGEST) continue;
      for (const at of [offset, offset + words * 8 - WINDOW]) keep(reader, at, windows);
    }
  closeSync(fd);
  return [...windows.values()];
}

function keep(reader: ByteReader, at: number, windows: Map<string, Uint8Array>): void {
  if (at < 0 || at + WINDOW > reader.length) return;
  const bytes = Buffer.alloc(WINDOW);
  reader.read(at, bytes);
  const score = bytes.reduce((sum, byte) => sum + SCORES[byte]!, 0);
  if (score <= scoreLimit(WINDOW) && new Set(bytes).size >= leastDistinct(WINDOW))
    windows.set(bytes.toString('latin1'), bytes);
}

function scoresOf(windows: readonly Uint8Array[]): Int8Array {
  const counts = new Float64Array(65_536).fill(PRIOR);
  for (const bytes of windows)
    for (let i = 0; i + 1 < bytes.length; i++) counts[(bytes[i]! << 8) | bytes[i + 1]!]!++;
  const scores = new Int8Array(65_536);
  for (let first = 0; first < 65_536; first += 256) {
    const row = counts.subarray(first, first + 256);
    const sum = row.reduce((all, count) => all + count, 0);
    for (const [second, count] of row.entries())
      scores[first + second] = Math.max(
        -MOST,
        Math.min(MOST - 1, Math.round(STEPS * Math.log2((256 * count) / sum))),
      );
  }
  return scores;
}

/** For uniform noise: mean and variance of a pair's score, and covariance of two pairs that share a byte. */
function moments(scores: Int8Array): [mean: number, variance: number, covariance: number] {
  const mean = scores.reduce((sum, score) => sum + score, 0) / 65_536;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 65_536;
  const [first, second] = [new Float64Array(256), new Float64Array(256)];
  for (const [pair, score] of scores.entries()) {
    first[pair >>> 8]! += (score - mean) / 256;
    second[pair & 255]! += (score - mean) / 256;
  }
  return [mean, variance, first.reduce((sum, value, byte) => sum + value * second[byte]!, 0) / 256];
}

const windows = process.argv.slice(2).flatMap(windowsOf);
if (windows.length === 0) throw new Error('usage: train.js FILE…');
const scores = scoresOf(windows);
writeFileSync(asset('src/sweep/runs/pairs.bin'), scores);
const [mean, variance, covariance] = moments(scores);
console.log(`${windows.length} windows; mean ${mean}, variance ${variance}, covariance ${covariance}`);
