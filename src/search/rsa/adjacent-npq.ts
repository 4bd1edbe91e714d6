/**
 * n, p and q stored one after the other without a gap, at any byte: the body of a Windows key blob
 * (CNG big-endian, CAPI little-endian) whose header an allocator has overwritten.
 */

import type { NumberRecord } from '../../runs/records.js';
import { toNumber, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import type { WordEncoding } from '../core/types.js';
import type { FactoredModulus } from './product-join.js';

/**
 * The extractor's test passes one random place in four billion, so only a crafted dump has more. `most`: for
 * lack of memory.
 */
const MAX_PLACES = { usual: 4096, most: 1 << 18 };

/** A possible n of `size` bytes, followed by p and q of half that length each. */
export interface AdjacentNpqPlace {
  offset: number;
  size: number;
  reading: WordEncoding;
}

/** Collects the places that the extractor has found (src/runs/kernel/packed.as.ts). */
export class AdjacentNpq {
  readonly places: AdjacentNpqPlace[] = [];
  readonly #skippedWork: SkippedWork;
  readonly #most: number;

  constructor({ skippedWork, budget }: { skippedWork: SkippedWork; budget: Budget }) {
    this.#skippedWork = skippedWork;
    this.#most = Math.min(budget(MAX_PLACES.usual), MAX_PLACES.most);
  }

  add({ offset, size, detail }: NumberRecord): void {
    if (this.places.length < this.#most) this.places.push({ offset, size, reading: WORD_ENCODINGS[detail]! });
    else
      this.#skippedWork.add(
        'rsa-packed',
        { target: 'blind', left: 1 },
        'places where n, p and q may be adjacent were not kept',
        offset,
        offset + 2 * size,
      );
  }
}

/** The places at which p * q = n holds. */
export function* adjacentKeys(
  bytes: RunBytes,
  places: readonly AdjacentNpqPlace[],
): Generator<FactoredModulus> {
  for (const place of places) {
    const key = keyAt(bytes.read(place.offset, 2 * place.size), place);
    if (key) yield key;
  }
}

function keyAt(bytes: Buffer, { offset, size, reading }: AdjacentNpqPlace): FactoredModulus | undefined {
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
