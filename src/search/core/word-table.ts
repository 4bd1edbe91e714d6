import { randomFillSync } from 'node:crypto';

/** Bytes of a slot: the two halves of a word. */
const SLOT = 8;

/** A {@link WordTable} as plain data for any thread. */
export interface WordTableColumns {
  /** Low and high half of each slot's word, in shared memory; an empty slot is zero. */
  slots: Uint32Array;
  /**
   * Random factors of the hash, one for each 16 bits of a word: a hostile dump cannot cause more collisions
   * than chance (Dietzfelbinger 1996).
   */
  factors: Uint32Array;
}

/** A set of 64-bit words in shared memory. It does not grow, and at most half of its slots are taken. */
export class WordTable {
  readonly columns: WordTableColumns;
  readonly #slots: Uint32Array;
  readonly #last: number;
  readonly #shift: number;
  readonly #factors: readonly [number, number, number, number];

  /** Room for `most` words. */
  static forWords(most: number): WordTable {
    const slots = 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, most))) + 1);
    return new WordTable({
      slots: new Uint32Array(new SharedArrayBuffer(slots * SLOT)),
      factors: randomFillSync(new Uint32Array(4)),
    });
  }

  constructor(columns: WordTableColumns) {
    this.columns = columns;
    this.#slots = columns.slots;
    const count = this.#slots.length / 2;
    this.#last = count - 1;
    this.#shift = 32 - Math.log2(count);
    const [a = 0, b = 0, c = 0, d = 0] = columns.factors;
    this.#factors = [a, b, c, d];
  }

  /** Adds the word with these halves; zero is never a member. */
  add(low: number, high: number): void {
    if (low === 0 && high === 0) return;
    const at = this.#find(low, high);
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
  }

  clear(): void {
    this.#slots.fill(0);
  }

  has(low: number, high: number): boolean {
    const at = this.#find(low, high);
    return (this.#slots[at] !== 0 || this.#slots[at + 1] !== 0) && (low !== 0 || high !== 0);
  }

  /** Index of the low half of the word's slot, or of the empty slot where it belongs. */
  #find(low: number, high: number): number {
    const slots = this.#slots;
    const [a, b, c, d] = this.#factors;
    const sum =
      Math.imul(low & 0xffff, a) +
      Math.imul(low >>> 16, b) +
      Math.imul(high & 0xffff, c) +
      Math.imul(high >>> 16, d);
    for (let slot = sum >>> this.#shift; ; slot++) {
      const at = 2 * (slot & this.#last);
      const isEmpty = slots[at] === 0 && slots[at + 1] === 0;
      if (isEmpty || (slots[at] === low && slots[at + 1] === high)) return at;
    }
  }
}
