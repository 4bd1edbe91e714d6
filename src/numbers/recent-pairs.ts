import { releasable, release } from './growing.js';

/** Pairs of a set. */
const WAYS = 2;
const SET = 2 * WAYS;
/** Binary logarithm of the sets that there are at first, and at last: 16 MiB. */
const BITS = { first: 10, last: 20 };

/**
 * Remembers pairs of 32-bit words, of each hash the two that came last. Room grows with the pairs: of a million, as gigabytes of dense
 * files have, most are known when they come again.
 */
export class RecentPairs {
  #sets = new Uint32Array(0);
  #bits = 0;
  #new = 0;

  /** Takes a pair; true where it was not known. (0, 0) always is. */
  isNew(low: number, tag: number): boolean {
    if (this.#new >= this.#sets.length / SET && this.#bits < BITS.last) this.#grow();
    const isNew = this.#take(low >>> 0, tag >>> 0);
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
    const hash = Math.imul(low ^ Math.imul(tag, 0x85ebca6b), 0x9e3779b1);
    const at = (hash >>> (32 - this.#bits)) * SET;
    const lastLow = sets[at]!;
    const lastTag = sets[at + 1]!;
    if (lastLow === low && lastTag === tag) return false;
    const known = sets[at + 2] === low && sets[at + 3] === tag;
    sets[at] = low;
    sets[at + 1] = tag;
    sets[at + 2] = lastLow;
    sets[at + 3] = lastTag;
    return !known;
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
