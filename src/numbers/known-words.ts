import { toBytes } from '../integers.js';
import type { Kernel } from './kernel.js';
import { fromLow, lowWord, toBigEndian, WORD_READINGS } from './readings.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Reading } from './types.js';

/** A number whose value is known, looked for in every run. */
export interface Wanted<T> {
  value: bigint;
  label: T;
}

export interface Sighting<T> {
  label: T;
  value: bigint;
  offset: number;
  length: number;
  reading: Reading;
}

const MAP_BITS = 20;
const MOST_HITS = 4096;

/**
 * Where known numbers stand in the runs of at least so many words, in any reading: at every 8th byte, or at every one. One pass over the runs.
 */
export function* sightings<T>(
  wanted: readonly Wanted<T>[],
  kernel: Kernel,
  bytes: RunBytes,
  runs: RunList,
  step: 1 | 8 = 8,
  least = 0,
): Generator<Sighting<T>> {
  const byWord = new Map<bigint, { stored: Buffer; reading: Reading; label: T; value: bigint }[]>();
  for (const { value, label } of wanted) {
    for (const reading of WORD_READINGS) {
      const stored = storedWords(value, reading);
      const word = fromLow(lowWord(value), reading);
      const known = byWord.get(word);
      if (known) known.push({ stored, reading, label, value });
      else byWord.set(word, [{ stored, reading, label, value }]);
    }
  }
  const map = kernel.allocate(1 << (MAP_BITS - 3));
  const words = kernel.allocate(byWord.size * 8);
  const hits = kernel.allocate(MOST_HITS * 4);
  kernel.u64(words, byWord.size).set([...byWord.keys()]);
  kernel.call.mark(words, byWord.size, map, MAP_BITS);
  for (const run of runs.ofWords(least)) {
    for (const piece of bytes.pieces(run)) {
      // A word beside the run may be the number's own lowest.
      const start = piece.before >= 8 ? 8 : 0;
      const from = piece.at - start;
      const length = Math.min(piece.words * 8 + start + 8, piece.after + start - 8);
      const count = length > 0 ? kernel.call.probe(from, length, step, map, MAP_BITS, hits, MOST_HITS) : 0;
      for (const distance of kernel.u32(hits, count).slice()) {
        for (const { stored, reading, label, value } of byWord.get(
          kernel.bytes.readBigUInt64LE(from + distance),
        ) ?? []) {
          const low = piece.offset - start + distance;
          const offset = reading === 'limbs-le' ? low : low + 8 - stored.length;
          if (offset >= 0 && bytes.read(offset, stored.length).equals(stored))
            yield { label, value, offset, length: stored.length, reading };
        }
      }
    }
  }
}

/** A number as whole 8-byte words. */
function storedWords(value: bigint, reading: Reading): Buffer {
  const bytes = toBytes(value);
  const padded = Buffer.concat([Buffer.alloc((8 - (bytes.length % 8)) % 8), bytes]);
  return toBigEndian(padded, reading);
}
