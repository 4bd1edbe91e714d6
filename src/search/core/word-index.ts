import { randomFillSync } from 'node:crypto';

/** Initial capacity. */
const ROOM = 64;

/**
 * Random factors of the hash, one for each 16 bits of a word: multiply-shift hashing of vectors is universal
 * (Dietzfelbinger 1996), so a hostile dump cannot cause more collisions than chance.
 */
const [A, B, C, D] = randomFillSync(new Uint32Array(4)) as unknown as [number, number, number, number];

/**
 * Multimap from 64-bit words to entries, in columns: 16 to 32 bytes an entry, against hundreds in a `Map`.
 */
export class WordIndex {
  length = 0;
  #words = new BigUint64Array(ROOM);
  #halves = new Uint32Array(this.#words.buffer);
  /** Open addressing: entry + 1. At most half full. */
  #slots = new Int32Array(2 * ROOM);
  #shift = 32 - Math.log2(2 * ROOM);

  /** The word of the next entry. */
  add(word: bigint): void {
    this.addHalves(Number(word & 0xffff_ffffn), Number(word >> 32n));
  }

  /** {@link add}, of the low and the high half: without a bigint. */
  addHalves(low: number, high: number): void {
    if (this.length === this.#words.length) this.#grow();
    this.#halves[2 * this.length] = low;
    this.#halves[2 * this.length + 1] = high;
    this.#enter(this.length);
    this.length++;
  }

  /** The entries with this word, in order of arrival. */
  *entries(word: bigint): Generator<number> {
    const last = this.#slots.length - 1;
    for (let slot = this.#slotOf(Number(word & 0xffff_ffffn), Number(word >> 32n)); ; slot++) {
      const entry = this.#slots[slot & last]! - 1;
      if (entry < 0) return;
      if (this.#words[entry] === word) yield entry;
    }
  }

  has(word: bigint): boolean {
    return this.hasHalves(Number(word & 0xffff_ffffn), Number(word >> 32n));
  }

  hasHalves(low: number, high: number): boolean {
    const last = this.#slots.length - 1;
    for (let slot = this.#slotOf(low, high); ; slot++) {
      const entry = this.#slots[slot & last]! - 1;
      if (entry < 0) return false;
      if (this.#halves[2 * entry] === low && this.#halves[2 * entry + 1] === high) return true;
    }
  }

  /** All words, by entry. */
  get words(): BigUint64Array {
    return this.#words.subarray(0, this.length);
  }

  #slotOf(low: number, high: number): number {
    const sum =
      Math.imul(low & 0xffff, A) +
      Math.imul(low >>> 16, B) +
      Math.imul(high & 0xffff, C) +
      Math.imul(high >>> 16, D);
    return sum >>> this.#shift;
  }

  #enter(entry: number): void {
    const last = this.#slots.length - 1;
    let slot = this.#slotOf(this.#halves[2 * entry]!, this.#halves[2 * entry + 1]!);
    while (this.#slots[slot & last] !== 0) slot++;
    this.#slots[slot & last] = entry + 1;
  }

  #grow(): void {
    const words = new BigUint64Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    this.#halves = new Uint32Array(words.buffer);
    this.#slots = new Int32Array(2 * words.length);
    this.#shift--;
    for (let entry = 0; entry < this.length; entry++) this.#enter(entry);
  }
}
