import { partitionPoint, upperBound } from './binary-search.js';
import type { Extent } from './extent.js';

/** Union of extents, ascending and disjoint; extents at most `gap` bytes apart become one. */
export function unionOf(extents: Iterable<Readonly<Extent>>, gap = 0): Extent[] {
  const union: Extent[] = [];
  for (const { offset, length } of [...extents].sort((a, b) => a.offset - b.offset)) {
    const last = union.at(-1);
    if (last !== undefined && offset <= last.offset + last.length + gap)
      last.length = Math.max(last.length, offset + length - last.offset);
    else union.push({ offset, length });
  }
  return union;
}

/** True if an offset is in one of the extents of a union. */
export function covers(union: readonly Readonly<Extent>[], offset: number): boolean {
  const after = partitionPoint(union.length, (index) => union[index]!.offset <= offset);
  const last = union[after - 1];
  return last !== undefined && offset < last.offset + last.length;
}

/**
 * Half-open intervals [start, end) over unsigned 64-bit keys (addresses or file offsets), indexed for
 * look-up. Of overlapping intervals the one that starts first covers the common part; with equal starts, the
 * one listed first. A header that claims the same bytes many times thus costs no more than one that claims
 * them once.
 */
export class Intervals {
  /** Start of each visible piece, ascending; a piece ends where its interval ends. */
  readonly #starts: BigUint64Array;
  /** Index of the interval of each piece. */
  readonly #indices: Uint32Array;
  readonly #endOf: (index: number) => bigint;
  /** The piece last found, and its bounds: the next key is often in it. */
  #last = { start: 0n, end: 0n, index: -1 };

  /**
   * `startOf` and `endOf` return the bounds of interval `index`. Empty intervals and those beyond 2^64 are
   * dropped.
   */
  constructor(count: number, startOf: (index: number) => bigint, endOf: (index: number) => bigint) {
    this.#endOf = endOf;
    const order = ascending(count, startOf);
    const starts = new BigUint64Array(count);
    let pieces = 0;
    let covered = 0n;
    for (const index of order) {
      const from = startOf(index);
      const start = from > covered ? from : covered;
      const end = endOf(index);
      if (start >= end || start > MAX_KEY) continue;
      starts[pieces] = start;
      order[pieces++] = index;
      covered = end;
    }
    this.#starts = starts.subarray(0, pieces);
    this.#indices = order.subarray(0, pieces);
  }

  /** Index of the interval that contains `key`, or -1. */
  find(key: bigint): number {
    const last = this.#last;
    if (key >= last.start && key < last.end) return last.index;
    const after = upperBound(this.#starts, key);
    if (after === 0) return -1;
    const index = this.#indices[after - 1]!;
    if (key >= this.#endOf(index)) return -1;
    this.#last = { start: this.#starts[after - 1]!, end: this.#endOf(index), index };
    return index;
  }
}

const MAX_KEY = 2n ** 64n - 1n;

/** Indices sorted by start, stable. Linear if they are sorted already, as an operating system writes them. */
function ascending(count: number, startOf: (index: number) => bigint): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let index = 1; index < count; index++) {
    if (startOf(index) >= startOf(index - 1)) continue;
    return order.sort((a, b) => {
      const [left, right] = [startOf(a), startOf(b)];
      return left < right ? -1 : left > right ? 1 : a - b;
    });
  }
  return order;
}
