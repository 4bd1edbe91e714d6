/**
 * Writes src/sweep/bigrams.bin, the model of dump bytes by which the literal kernel's keys are chosen.
 *
 *   node dist/bench/sweep/train.js TEXT-RICH-FILE HEAP-FILE
 *
 * For instance a concatenation of /usr/lib and /usr/share, and a heap dump of a Java program; not the
 * benchmark's files. One table per file: log counts of byte pairs, without 64-byte blocks of zeros, which the
 * kernel skips.
 */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { asset } from '../../src/core/base/runtime/assets.js';
import { STEPS } from '../../src/sweep/bigrams.js';

const BLOCK = 64;

function bigrams(path: string): Uint8Array {
  const counts = new Float64Array(65_536);
  const bytes = Buffer.alloc(1 << 20);
  const zeros = Buffer.alloc(BLOCK);
  const fd = openSync(path, 'r');
  for (let at = 0, n = 0; ; at += n) {
    n = readSync(fd, bytes, 0, bytes.length, at);
    if (n <= BLOCK) break;
    for (let block = 0; block + BLOCK < n; block += BLOCK) {
      if (bytes.compare(zeros, 0, BLOCK, block, block + BLOCK) === 0) continue;
      for (let i = block; i < block + BLOCK; i++) counts[(bytes[i]! << 8) | bytes[i + 1]!]!++;
    }
  }
  closeSync(fd);
  return Uint8Array.from(counts, (count) => Math.min(255, Math.round(STEPS * Math.log2(1 + count))));
}

const tables = process.argv.slice(2).map(bigrams);
if (tables.length === 0) throw new Error('usage: train.js FILE…, one per domain');
writeFileSync(asset('src/sweep/bigrams.bin'), deflateSync(Buffer.concat(tables), { level: 9 }));
