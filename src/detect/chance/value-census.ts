import { randomBytes } from 'node:crypto';
import { LONGEST_RUN } from '../../sweep/values/random.js';
import { kindsOf, lengthOf, RECORD_BYTES } from './value-record.js';

/** Estimated number of distinct values of one length and union of kinds of characters. */
export interface ValueCount {
  length: number;
  kinds: number;
  count: number;
}

/** Distinct values that are kept at most. The relative error of a count with n of them is 1 / sqrt(n). */
const CAPACITY = 2 ** 16;
const FIRST_SLOTS = 256;
/** Two hashes of each shape end with that number of zero bits: about half a million values at most. */
const MOST_LEVEL = 31;

/** An odd number of 32 bits. */
const randomOdd = (): number => randomBytes(4).readUInt32LE() | 1;

/**
 * How many distinct random-looking values of which length and alphabet an artifact holds: an adaptive sample
 * of their hashes (Wegman; Flajolet 1990, "On adaptive sampling"). A value is in the sample if its hash ends
 * with `level` zero bits; the level rises when the sample is full. The result depends on the set of values
 * alone, neither on their order nor on how often one comes, and is exact for up to {@link CAPACITY} values.
 */
export class ValueCensus {
  #level = 0;
  #size = 0;
  /** Open addressing; a shape of 0 is an empty slot. */
  #hashes = new Uint32Array(FIRST_SLOTS);
  #shapes = new Uint32Array(FIRST_SLOTS);
  /**
   * Multipliers of the table's own hash (multiply-shift; Dietzfelbinger 1997). They are random, since a dump
   * can be made of values whose MurmurHash3 is equal: each look-up would take the length of the table.
   */
  readonly #multipliers = [randomOdd(), randomOdd()] as const;
  /** Values added, by length, each as often as it came. */
  readonly #added = new Uint32Array(LONGEST_RUN + 1);
  readonly #capacity: number;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /** Adds the records of a batch. */
  addAll(records: ArrayBuffer): void {
    const words = new Uint32Array(records);
    for (let i = 0; i < words.length; i += RECORD_BYTES / 4) this.add(words[i]!, words[i + 1]!);
  }

  add(hash: number, shape: number): void {
    this.#added[lengthOf(shape)]!++;
    if ((hash & ((1 << this.#level) - 1)) !== 0 || !this.#insert(hash, shape)) return;
    while (this.#size > this.#capacity && this.#level < MOST_LEVEL)
      this.#resize(this.#hashes.length, this.#level + 1);
    if (2 * this.#size > this.#hashes.length) this.#resize(2 * this.#hashes.length, this.#level);
  }

  counts(): ValueCount[] {
    const counts = new Map<number, number>();
    for (const shape of this.#shapes) if (shape !== 0) counts.set(shape, (counts.get(shape) ?? 0) + 1);
    const each = 2 ** this.#level;
    return Array.from(counts, ([shape, count]) => ({
      length: lengthOf(shape),
      kinds: kindsOf(shape),
      count: count * each,
    })).sort((a, b) => a.length - b.length || a.kinds - b.kinds);
  }

  /**
   * {@link counts}, but of each length at most the number that was added. A dump can be made of values whose
   * hashes end with zeros: without the bound each would count as thousands, and chance would explain any
   * token.
   */
  boundedCounts(): ValueCount[] {
    const counts = this.counts();
    const estimated = new Float64Array(LONGEST_RUN + 1);
    for (const { length, count } of counts) estimated[length]! += count;
    return counts.map((each) => {
      const added = this.#added[each.length]!;
      const share = Math.min(1, added / estimated[each.length]!);
      return { ...each, count: Math.ceil(each.count * share) };
    });
  }

  /** Overwrites it. */
  wipe(): void {
    this.#added.fill(0);
    this.#hashes.fill(0);
    this.#shapes.fill(0);
    this.#size = 0;
  }

  /** False if it is there already. */
  #insert(hash: number, shape: number): boolean {
    const mask = this.#hashes.length - 1;
    const [first, second] = this.#multipliers;
    // The highest bits: those below depend on fewer bits of a word.
    let slot = (Math.imul(hash, first) + Math.imul(shape, second)) >>> Math.clz32(mask);
    for (; this.#shapes[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#hashes[slot] === hash && this.#shapes[slot] === shape) return false;
    this.#hashes[slot] = hash;
    this.#shapes[slot] = shape;
    this.#size++;
    return true;
  }

  #resize(slots: number, level: number): void {
    const [hashes, shapes] = [this.#hashes, this.#shapes];
    this.#hashes = new Uint32Array(slots);
    this.#shapes = new Uint32Array(slots);
    this.#size = 0;
    this.#level = level;
    const dropped = (1 << level) - 1;
    for (let i = 0; i < hashes.length; i++)
      if (shapes[i] !== 0 && (hashes[i]! & dropped) === 0) this.#insert(hashes[i]!, shapes[i]!);
    hashes.fill(0);
    shapes.fill(0);
  }
}
