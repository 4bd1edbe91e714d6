/**
 * Half-open intervals [start, end) over unsigned 64-bit keys (addresses or file offsets), indexed for look-up.
 * Where intervals overlap, the one that starts first holds the place (of two that start together, the one listed first),
 * so that a header that claims the same bytes twice costs no more than one that does not.
 */
export class Intervals {
  /** Start of each visible piece, ascending; a piece ends where its owner ends. */
  readonly #starts: BigUint64Array;
  readonly #owners: Uint32Array;
  readonly #endOf: (index: number) => bigint;

  /** `startOf` and `endOf` give the bounds of interval `index`; intervals that are empty or not below 2^64 are left out. */
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
    this.#owners = order.subarray(0, pieces);
  }

  /** Index of the interval that holds `key`, or -1. */
  find(key: bigint): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= key) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return -1;
    const owner = this.#owners[low - 1]!;
    return key < this.#endOf(owner) ? owner : -1;
  }
}

const MAX_KEY = 2n ** 64n - 1n;

/** Indices in ascending order of their start; stable, and linear where they are in order already, as a kernel writes them. */
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
