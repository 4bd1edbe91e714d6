/** Bits of the largest filter: 4 MiB. */
const MOST_BITS = 2 ** 25;
/** Bits of a filter for each identifier. */
const BITS_EACH = 32;
const FIRST = 64;

/** Columns of a table, all in shared memory: other threads can look identifiers up. */
export interface SharedIds {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly heads: Int32Array;
  readonly nexts: Int32Array;
  readonly bits: Uint32Array;
  readonly count: number;
}

const sharedColumn = (size: number) => new Uint32Array(new SharedArrayBuffer(4 * size));

const signedColumn = (size: number) => new Int32Array(sharedColumn(size).buffer);

/**
 * Identifiers of 64 bits, numbered in the order in which they are added. A map of bits by the low half
 * rejects most others without a look at the table. Objects near each other in memory are near each other in
 * the table: a walk in the order of memory, as HotSpot dumps it, misses the cache once for some objects, not
 * for each.
 */
export class IdTable {
  /** Halves of each identifier, by number. */
  high: Uint32Array;
  low: Uint32Array;
  /** Chains: by bucket its newest identifier, and by number the next of its bucket; number plus 1, or 0. */
  #heads: Int32Array;
  #nexts: Int32Array;
  #bits: Uint32Array;
  #mask: number;
  count = 0;

  /** `expected`: identifiers for which there is room before the table grows. */
  constructor(expected = 0) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(FIRST, expected)));
    this.high = sharedColumn(size);
    this.low = sharedColumn(size);
    this.#heads = signedColumn(size);
    this.#nexts = signedColumn(size);
    this.#bits = sharedColumn(Math.min(MOST_BITS, BITS_EACH * size) / 32);
    this.#mask = 32 * this.#bits.length - 1;
  }

  /** The table of another thread, which no longer adds to it. */
  static open({ high, low, heads, nexts, bits, count }: SharedIds): IdTable {
    const table = new IdTable();
    [table.high, table.low, table.#heads, table.#nexts] = [high, low, heads, nexts];
    [table.#bits, table.count] = [bits, count];
    table.#mask = 32 * bits.length - 1;
    return table;
  }

  share(): SharedIds {
    const { high, low, count } = this;
    return { high, low, heads: this.#heads, nexts: this.#nexts, bits: this.#bits, count };
  }

  /** False for most low halves of other identifiers. Objects are aligned to 8 bytes. */
  mayHave(low: number): boolean {
    const bit = (low >>> 3) & this.#mask;
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  /** The number of an identifier, or -1. */
  indexOf(high: number, low: number): number {
    const { low: lows, high: highs } = this;
    const nexts = this.#nexts;
    let index = this.#heads[bucketOf(high, low) & (this.#heads.length - 1)]! - 1;
    while (index >= 0 && (lows[index] !== low || highs[index] !== high)) index = nexts[index]! - 1;
    return index;
  }

  /** The number of an identifier, which is added if it is new. */
  add(high: number, low: number): number {
    const known = this.indexOf(high, low);
    if (known >= 0) return known;
    if (this.count === this.low.length) this.#grow();
    const index = this.count++;
    this.high[index] = high;
    this.low[index] = low;
    this.#enter(index);
    return index;
  }

  /** An identifier as a number; above 2^53 it is rounded, which keeps the order. */
  numberOf(index: number): number {
    return this.high[index]! * 2 ** 32 + this.low[index]!;
  }

  #enter(index: number): void {
    const low = this.low[index]!;
    const bucket = bucketOf(this.high[index]!, low) & (this.#heads.length - 1);
    this.#nexts[index] = this.#heads[bucket]!;
    this.#heads[bucket] = index + 1;
    const bit = (low >>> 3) & this.#mask;
    this.#bits[bit >>> 5]! |= 1 << (bit & 31);
  }

  #grow(): void {
    const size = 2 * this.low.length;
    const [high, low] = [sharedColumn(size), sharedColumn(size)];
    high.set(this.high);
    low.set(this.low);
    this.high = high;
    this.low = low;
    this.#heads = signedColumn(size);
    this.#nexts = signedColumn(size);
    this.#bits = sharedColumn(Math.min(MOST_BITS, BITS_EACH * size) / 32);
    this.#mask = 32 * this.#bits.length - 1;
    for (let index = 0; index < this.count; index++) this.#enter(index);
  }
}

/** A page of memory has 32 buckets in a row, of 128 bytes each; pages are anywhere. */
const PAGE_BITS = 12;
const BUCKET_BITS = 7;

function bucketOf(high: number, low: number): number {
  const mixed = Math.imul((low >>> PAGE_BITS) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  const page = mixed ^ (mixed >>> 15);
  const place = (low >>> BUCKET_BITS) & (2 ** (PAGE_BITS - BUCKET_BITS) - 1);
  return (page << (PAGE_BITS - BUCKET_BITS)) | place;
}
