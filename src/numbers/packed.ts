import type { Kernel } from './kernel.js';
import { toNumber } from './readings.js';
import type { Factored } from './rsa-join.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { WordReading } from './types.js';

/** Octets of the moduli that are looked for: 1,024 to 8,192 bits. */
const SIZES = [128, 192, 256, 384, 512, 1024] as const;
/** First and last byte, counted from the start of the run, at which n may begin: a word that the net missed, e beside it. */
const FIRST = -8;
const LAST = 15;

/** By the kernel's order. */
const READINGS: readonly WordReading[] = ['limbs-le', 'bytes-be'];

/**
 * n, p, q one after the other without a gap, at any byte: the body of a key blob of Windows (CNG big-endian, CAPI little-endian)
 * whose header an allocator has overwritten. Where the run begins, n does, give or take a few bytes.
 */
export function* packedKeys(kernel: Kernel, bytes: RunBytes, runs: RunList): Generator<Factored> {
  const hits = kernel.allocate((LAST - FIRST + 1) * 16);
  // The net may miss a word at either end.
  for (const run of runs.ofWords(Math.ceil((2 * SIZES[0] - 16) / 8))) {
    const [piece] = bytes.widePieces(run);
    if (piece === undefined) continue;
    const { at, before, after, offset } = piece;
    for (const size of SIZES) {
      // Two words in a row that the net misses end a run early: half of the numbers may lie beyond.
      if (size > run.words * 8) break;
      const start = at + Math.max(FIRST, -before);
      const end = at + Math.min(LAST, after - 2 * size);
      if (end < start) continue;
      const found = kernel.call.packed(start, end, size, hits);
      if (found === 0) continue;
      const places = kernel.u32(hits, found * 2);
      for (let k = 0; k < found; k++) {
        const place = start + places[2 * k]!;
        const key = keyAt(kernel.bytes, place, size, READINGS[places[2 * k + 1]!]!, offset + place - at);
        if (key) yield key;
      }
    }
  }
}

function keyAt(
  bytes: Buffer,
  at: number,
  size: number,
  reading: WordReading,
  offset: number,
): Factored | undefined {
  const half = size / 2;
  const number = (from: number, length: number) => ({
    value: toNumber(bytes.subarray(at + from, at + from + length), reading),
    offset: offset + from,
    length,
    reading,
  });
  const [n, p, q] = [number(0, size), number(size, half), number(size + half, half)];
  return p.value > 1n && q.value > 1n && p.value !== q.value && p.value * q.value === n.value
    ? { n, p, q }
    : undefined;
}
