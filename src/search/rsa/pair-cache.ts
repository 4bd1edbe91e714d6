import { releasable, release } from '../../core/base/bytes/growable-array.js';

/** Entries of a set, of two words each. */
const WAYS = 2;
const SET_WORDS = 2 * WAYS;
/** Binary logarithm of the number of sets, at first and at most: 16 MiB. */
const SET_BITS = { first: 10, last: 20 };

/** Bits of a tag that hold the rank. */
const RANK_MASK = 3;

/**
 * Two-way set-associative cache of pairs of a 32-bit word and a 30-bit tag, least recently used entry
 * replaced. It grows with the number of distinct pairs: of a million, as in gigabytes of dense files, most
 * are still recognised when they come again.
 */
export class PairCache {
  #sets = new Uint32Array(0);
  /** Number of sets, not from the column: the length of a resizable one is slow to read. */
  #count = 0;
  #bits = 0;
  #newPairs = 0;

  /**
   * Enters a pair with a rank of 0 to 3; true if it was not in the cache with this rank or a higher one.
   * The two lowest bits of the tag are ignored. The pair (0, 0) marks an empty entry and is never new.
   */
  isNew(low: number, tag: number, rank = 0): boolean {
    if (this.#newPairs >= this.#count && this.#bits < SET_BITS.last) this.#grow();
    const isNew = this.#insert(low >>> 0, ((tag & ~RANK_MASK) | rank) >>> 0);
    if (isNew) this.#newPairs++;
    return isNew;
  }

  clear(): void {
    release(this.#sets);
    this.#sets = new Uint32Array(0);
    this.#count = 0;
    this.#bits = 0;
    this.#newPairs = 0;
  }

  #insert(low: number, tag: number): boolean {
    const sets = this.#sets;
    const hash = Math.imul(low ^ Math.imul(tag | RANK_MASK, 0x85ebca6b), 0x9e3779b1);
    const at = (hash >>> (32 - this.#bits)) * SET_WORDS;
    const lastLow = sets[at]!;
    const lastTag = sets[at + 1]!;
    const isLast = lastLow === low && (lastTag ^ tag) >>> 0 <= RANK_MASK;
    if (isLast && lastTag >= tag) return false;
    const olderTag = sets[at + 3]!;
    const known = !isLast && sets[at + 2] === low && (olderTag ^ tag) >>> 0 <= RANK_MASK ? olderTag : -1;
    sets[at] = low;
    sets[at + 1] = Math.max(tag, known);
    if (!isLast) {
      sets[at + 2] = lastLow;
      sets[at + 3] = lastTag;
    }
    return known < tag;
  }

  #grow(): void {
    const before = this.#sets;
    this.#bits = before.length === 0 ? SET_BITS.first : Math.min(SET_BITS.last, this.#bits + 2);
    this.#count = 1 << this.#bits;
    this.#sets = releasable(SET_WORDS * this.#count);
    // Backwards: the older pair of each set is inserted first.
    for (let at = before.length - 2; at >= 0; at -= 2) this.#insert(before[at]!, before[at + 1]!);
    release(before);
  }
}
