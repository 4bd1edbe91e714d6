import { upperBound } from './binary-search.js';
import type { Extent } from './extent.js';

/**
 * Parts of a file in another order. Plain data for any thread; columns in ascending order of `starts`: the
 * offset, the file offset and the length of each.
 */
export interface Pieces {
  readonly starts: Float64Array;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
}

/** Pieces of a file in the order of their starts, in shared memory. */
export function piecesOf(rows: readonly (Extent & { start: number })[]): Pieces {
  const column = (of: (row: Extent & { start: number }) => number): Float64Array => {
    const values = new Float64Array(new SharedArrayBuffer(8 * rows.length));
    values.set(rows.map(of));
    return values;
  };
  return {
    starts: column(({ start }) => start),
    offsets: column(({ offset }) => offset),
    lengths: column(({ length }) => length),
  };
}

/** Extents in the file, each with the index of its first byte in [offset, offset + length). */
export function* piecesIn(
  pieces: Pieces,
  offset: number,
  length: number,
): Generator<Extent & { index: number }> {
  const { starts, offsets, lengths } = pieces;
  const end = offset + length;
  for (let i = Math.max(0, upperBound(starts, offset) - 1); i < starts.length && starts[i]! < end; i++) {
    const from = Math.max(starts[i]!, offset);
    const to = Math.min(starts[i]! + lengths[i]!, end);
    if (from < to) yield { offset: offsets[i]! + from - starts[i]!, length: to - from, index: from - offset };
  }
}
