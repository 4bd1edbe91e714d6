import { partitionPoint } from '../../core/base/bytes/binary-search.js';

/** A half-open range of addresses. */
export interface AddressRange {
  start: bigint;
  end: bigint;
}

/**
 * Addresses from here on are in no range, so that an address is an exact double. Linux maps user memory above
 * 2^47 only where a program demands it, and never at 2^53.
 */
export const ADDRESS_LIMIT = 2 ** 53;

/** The lowest of some addresses; undefined if there are none. */
export function lowestOf(addresses: Iterable<bigint>): bigint | undefined {
  let lowest: bigint | undefined;
  for (const address of addresses) if (lowest === undefined || address < lowest) lowest = address;
  return lowest;
}

const clipped = (address: bigint): number =>
  address >= BigInt(ADDRESS_LIMIT) ? ADDRESS_LIMIT : Number(address);

/** Disjoint ranges of addresses in ascending order, for fast look-up. */
export class AddressRanges {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** The range last found: the next word often points into it. */
  #last = { start: 0, end: 0 };

  private constructor(starts: Float64Array, ends: Float64Array) {
    this.#starts = starts;
    this.#ends = ends;
  }

  /** The union of ranges in any order. */
  static of(ranges: readonly AddressRange[]): AddressRanges {
    const starts = Float64Array.from(ranges, ({ start }) => clipped(start));
    const ends = Float64Array.from(ranges, ({ end }) => clipped(end));
    return AddressRanges.#union(starts, ends);
  }

  static #union(starts: Float64Array, ends: Float64Array): AddressRanges {
    const order = Uint32Array.from(starts, (_, index) => index);
    if (starts.some((start, index) => index > 0 && start < starts[index - 1]!))
      order.sort((a, b) => starts[a]! - starts[b]!);
    const found = new AddressRanges(new Float64Array(starts.length), new Float64Array(starts.length));
    let count = 0;
    for (const index of order) {
      const [start, end] = [starts[index]!, ends[index]!];
      if (start >= end) continue;
      const last = count - 1;
      if (count > 0 && start <= found.#ends[last]!) found.#ends[last] = Math.max(found.#ends[last]!, end);
      else {
        found.#starts[count] = start;
        found.#ends[count++] = end;
      }
    }
    return new AddressRanges(found.#starts.subarray(0, count), found.#ends.subarray(0, count));
  }

  /** Addresses in all ranges. */
  get size(): number {
    return this.#starts.reduce((sum, start, index) => sum + this.#ends[index]! - start, 0);
  }

  has(address: number): boolean {
    if (address >= this.#last.start && address < this.#last.end) return true;
    const index = this.#after(address) - 1;
    if (index < 0 || address >= this.#ends[index]!) return false;
    this.#last = { start: this.#starts[index]!, end: this.#ends[index]! };
    return true;
  }

  /** Index of the first range that starts after an address. */
  #after(address: number): number {
    return partitionPoint(this.#starts.length, (index) => this.#starts[index]! <= address);
  }

  plus(other: AddressRanges): AddressRanges {
    const both = (a: Float64Array, b: Float64Array): Float64Array => {
      const all = new Float64Array(a.length + b.length);
      all.set(a);
      all.set(b, a.length);
      return all;
    };
    return AddressRanges.#union(both(this.#starts, other.#starts), both(this.#ends, other.#ends));
  }

  minus(other: AddressRanges): AddressRanges {
    const most = this.#starts.length + other.#starts.length;
    const [starts, ends] = [new Float64Array(most), new Float64Array(most)];
    let count = 0;
    const push = (start: number, end: number): void => {
      starts[count] = start;
      ends[count++] = end;
    };
    let first = 0;
    for (let index = 0; index < this.#starts.length; index++) {
      let from = this.#starts[index]!;
      const end = this.#ends[index]!;
      while (first < other.#starts.length && other.#ends[first]! <= from) first++;
      for (let hole = first; hole < other.#starts.length && other.#starts[hole]! < end; hole++) {
        if (other.#starts[hole]! > from) push(from, other.#starts[hole]!);
        from = other.#ends[hole]!;
      }
      if (from < end) push(from, end);
    }
    return AddressRanges.#union(starts.subarray(0, count), ends.subarray(0, count));
  }
}
