/** Bits of the largest filter: 4 MiB. */
const MOST_BITS = 2 ** 25;
/** Bits of a filter for each identifier. */
const BITS_EACH = 32;
const FIRST = 64;

/** Columns of a table, all in shared memory: other threads can look identifiers up. */
export interface SharedIds {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly slots: Int32Array;
  readonly bits: Uint32Array;
  readonly count: number;
}

const sharedColumn = (size: number) => new Uint32Array(new SharedArrayBuffer(4 * size));

/**
 * Identifiers of 64 bits, numbered in the order in which they are added. A map of bits by the low half
 * rejects most others without a look at the table.
 */
export class IdTable {
  /** Halves of each identifier, by number. */
  high: Uint32Array;
  low: Uint32Array;
  /** Open addressing: number plus 1, or 0. */
  #slots: Int32Array;
  #bits: Uint32Array;
  #mask: number;
  count = 0;

  /** `expected`: identifiers for which there is room before the table grows. */
  constructor(expected = 0) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(FIRST, expected)));
    this.high = sharedColumn(size);
    this.low = sharedColumn(size);
    this.#slots = new Int32Array(sharedColumn(2 * size).buffer);
    this.#bits = sharedColumn(Math.min(MOST_BITS, BITS_EACH * size) / 32);
    this.#mask = 32 * this.#bits.length - 1;
  }

  /** The table of another thread, which no longer adds to it. */
  static open({ high, low, slots, bits, count }: SharedIds): IdTable {
    const table = new IdTable();
    [table.high, table.low, table.#slots, table.#bits, table.count] = [high, low, slots, bits, count];
    table.#mask = 32 * bits.length - 1;
    return table;
  }

  share(): SharedIds {
    return { high: this.high, low: this.low, slots: this.#slots, bits: this.#bits, count: this.count };
  }

  /** False for most low halves of other identifiers. Objects are aligned to 8 bytes. */
  mayHave(low: number): boolean {
    const bit = (low >>> 3) & this.#mask;
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  /** The number of an identifier, or -1. */
  indexOf(high: number, low: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = hashOf(high, low) & last; ; slot = (slot + 1) & last) {
      const index = slots[slot]! - 1;
      if (index < 0 || (this.low[index] === low && this.high[index] === high)) return index;
    }
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
    const slots = this.#slots;
    const last = slots.length - 1;
    const low = this.low[index]!;
    let slot = hashOf(this.high[index]!, low) & last;
    while (slots[slot] !== 0) slot = (slot + 1) & last;
    slots[slot] = index + 1;
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
    this.#slots = new Int32Array(sharedColumn(2 * size).buffer);
    this.#bits = sharedColumn(Math.min(MOST_BITS, BITS_EACH * size) / 32);
    this.#mask = 32 * this.#bits.length - 1;
    for (let index = 0; index < this.count; index++) this.#enter(index);
  }
}

function hashOf(high: number, low: number): number {
  const mixed = Math.imul((low >>> 3) ^ (low << 29) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
