import { releasable, release } from '../../base/bytes/growable-array.js';

/** Pairs of a set. */
const WAYS = 2;
const SET = 2 * WAYS;
/** Binary logarithm of the sets that there are at first, and at last: 16 MiB. */
const BITS = { first: 10, last: 20 };

/** Bits of a tag that hold the rank. */
const RANK = 3;

/**
 * Remembers pairs of a word of 32 bits and a tag of 30, of each hash the two that came last. Room grows with the pairs: of a million, as gigabytes of dense
 * files have, most are known when they come again.
 */
export class PairCache {
  #sets = new Uint32Array(0);
  #bits = 0;
  #new = 0;

  /** Takes a pair; true where it was not known with a rank of 0 to 3 as high as this. (0, 0) always is. The tag's two lowest bits do not count. */
  isNew(low: number, tag: number, rank = 0): boolean {
    if (this.#new >= this.#sets.length / SET && this.#bits < BITS.last) this.#grow();
    const isNew = this.#take(low >>> 0, ((tag & ~RANK) | rank) >>> 0);
    if (isNew) this.#new++;
    return isNew;
  }

  /** Forgets all of them. */
  clear(): void {
    release(this.#sets);
    this.#sets = new Uint32Array(0);
    this.#bits = 0;
    this.#new = 0;
  }

  #take(low: number, tag: number): boolean {
    const sets = this.#sets;
    const hash = Math.imul(low ^ Math.imul(tag | RANK, 0x85ebca6b), 0x9e3779b1);
    const at = (hash >>> (32 - this.#bits)) * SET;
    const lastLow = sets[at]!;
    const lastTag = sets[at + 1]!;
    const isLast = lastLow === low && (lastTag ^ tag) >>> 0 <= RANK;
    if (isLast && lastTag >= tag) return false;
    const before = sets[at + 3]!;
    const known = !isLast && sets[at + 2] === low && (before ^ tag) >>> 0 <= RANK ? before : -1;
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
    this.#bits = before.length === 0 ? BITS.first : Math.min(BITS.last, this.#bits + 2);
    this.#sets = releasable(SET << this.#bits);
    // Backwards, so that of a set the older pair comes first.
    for (let at = before.length - 2; at >= 0; at -= 2) this.#take(before[at]!, before[at + 1]!);
    release(before);
  }
}
