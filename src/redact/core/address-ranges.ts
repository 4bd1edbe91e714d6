import { partitionPoint } from '../../base/bytes/binary-search.js';

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
    const sorted = ranges.map(({ start, end }) => [clipped(start), clipped(end)] as const);
    sorted.sort(([a], [b]) => a - b);
    return AddressRanges.#union(sorted);
  }

  /** The union of pairs that ascend by start. */
  static #union(sorted: readonly (readonly [start: number, end: number])[]): AddressRanges {
    const starts = new Float64Array(sorted.length);
    const ends = new Float64Array(sorted.length);
    let count = 0;
    for (const [start, end] of sorted) {
      if (start >= end) continue;
      if (count > 0 && start <= ends[count - 1]!) ends[count - 1] = Math.max(ends[count - 1]!, end);
      else {
        starts[count] = start;
        ends[count++] = end;
      }
    }
    return new AddressRanges(starts.subarray(0, count), ends.subarray(0, count));
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
    const all = [...this.#pairs(), ...other.#pairs()].sort(([a], [b]) => a - b);
    return AddressRanges.#union(all);
  }

  minus(other: AddressRanges): AddressRanges {
    const left: (readonly [number, number])[] = [];
    let at = 0;
    for (const [start, end] of this.#pairs()) {
      let from = start;
      while (at < other.#starts.length && other.#ends[at]! <= from) at++;
      for (let hole = at; hole < other.#starts.length && other.#starts[hole]! < end; hole++) {
        if (other.#starts[hole]! > from) left.push([from, other.#starts[hole]!]);
        from = other.#ends[hole]!;
      }
      if (from < end) left.push([from, end]);
    }
    return AddressRanges.#union(left);
  }

  *#pairs(): Generator<readonly [start: number, end: number]> {
    for (let index = 0; index < this.#starts.length; index++)
      yield [this.#starts[index]!, this.#ends[index]!];
  }
}
