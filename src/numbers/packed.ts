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

interface Order {
  reading: WordReading;
  /** Index of the lowest byte of a number of so many octets, and the lowest 32 bits. */
  low(size: number): number;
  lowest(bytes: Buffer, at: number, size: number): number;
}

const ORDERS: readonly Order[] = [
  { reading: 'limbs-le', low: () => 0, lowest: (bytes, at) => bytes.readUInt32LE(at) },
  {
    reading: 'bytes-be',
    low: (size) => size - 1,
    lowest: (bytes, at, size) => bytes.readUInt32BE(at + size - 4),
  },
];

/**
 * n, p, q one after the other without a gap, at any byte: the body of a key blob of Windows (CNG big-endian, CAPI little-endian)
 * whose header an allocator has overwritten. Where the run begins, n does, give or take a few bytes.
 */
export function* packedKeys(kernel: Kernel, bytes: RunBytes, runs: RunList): Generator<Factored> {
  for (const run of runs) {
    if (run.words * 8 + 16 < 2 * SIZES[0]) continue;
    const [piece] = bytes.pieces(run);
    if (piece === undefined) continue;
    const { at, before, after, offset } = piece;
    for (const size of SIZES) {
      // Two words in a row that the net misses end a run early: half of the numbers may lie beyond.
      if (size > run.words * 8) break;
      const start = at + Math.max(FIRST, -before);
      const end = at + Math.min(LAST, after - 2 * size);
      for (const order of ORDERS)
        for (const place of oddPlaces(kernel.bytes, start, end, size, order)) {
          const found = keyAt(kernel.bytes, place, size, order, offset + place - at);
          if (found) yield found;
        }
    }
  }
}

/** Where n, p and q would all be odd: one place in eight. */
function oddPlaces(bytes: Buffer, start: number, end: number, size: number, { low }: Order): number[] {
  const places: number[] = [];
  const [n, p, q] = [low(size), size + low(size / 2), (size * 3) / 2 + low(size / 2)];
  for (let at = start; at <= end; at++)
    if ((bytes[at + n]! & bytes[at + p]! & bytes[at + q]! & 1) === 1) places.push(at);
  return places;
}

function keyAt(
  bytes: Buffer,
  at: number,
  size: number,
  { reading, lowest }: Order,
  offset: number,
): Factored | undefined {
  const half = size / 2;
  const [p0, q0] = [lowest(bytes, at + size, half), lowest(bytes, at + size + half, half)];
  if (Math.imul(p0, q0) >>> 0 !== lowest(bytes, at, size)) return undefined;
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
