import type { NumberRecord } from '../../runs/records.js';
import { toNumber, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { WordReading } from '../core/types.js';
import type { Factored } from './product-join.js';

/** Places that are kept: one in four billion is one by chance, and only a crafted dump has more. */
const MOST = 4096;

/** Where n of so many bytes may begin, with p and q behind it. */
export interface PackedPlace {
  offset: number;
  size: number;
  reading: WordReading;
}

/** What the extractor has found of them (src/runs/kernel/packed.as.ts). */
export class AdjacentNpq {
  readonly places: PackedPlace[] = [];
  readonly #shortfall: SkippedWork;

  constructor(shortfall: SkippedWork) {
    this.#shortfall = shortfall;
  }

  add({ offset, size, detail }: NumberRecord): void {
    if (this.places.length < MOST) this.places.push({ offset, size, reading: WORD_ENCODINGS[detail]! });
    else
      this.#shortfall.add(
        'rsa-packed',
        'places where n, p and q may stand were not kept',
        offset,
        offset + 2 * size,
      );
  }
}

/**
 * n, p, q one after the other without a gap, at any byte: the body of a key blob of Windows (CNG big-endian, CAPI little-endian)
 * whose header an allocator has overwritten.
 */
export function* packedKeys(bytes: RunBytes, places: readonly PackedPlace[]): Generator<Factored> {
  for (const place of places) {
    const key = keyAt(bytes.read(place.offset, 2 * place.size), place);
    if (key) yield key;
  }
}

function keyAt(bytes: Buffer, { offset, size, reading }: PackedPlace): Factored | undefined {
  if (bytes.length < 2 * size) return undefined;
  const half = size / 2;
  const number = (from: number, length: number) => ({
    value: toNumber(bytes.subarray(from, from + length), reading),
    offset: offset + from,
    length,
    reading,
  });
  const [n, p, q] = [number(0, size), number(size, half), number(size + half, half)];
  return p.value > 1n && q.value > 1n && p.value !== q.value && p.value * q.value === n.value
    ? { n, p, q }
    : undefined;
}
