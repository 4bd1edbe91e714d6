import type { NumberSet } from '../../core/number-set.js';

/** Groups: one for each kind of word before a number (16 bits), of which 0 is none. */
const KINDS = 1 << 16;
/** The group of numbers in images of programs and libraries, which hold tables of thousands of numbers. */
const IN_MODULE = KINDS;

/**
 * Counts numbers by the word before them: the size of a chunk, or the length of an array or an integer.
 * Tables of points are tens of thousands of integers behind the same word; private keys are few, so small
 * groups are tried first.
 */
export class HeaderFrequency {
  readonly #inModule: (offset: number) => boolean;
  /** Sizes by set and by the count of the numbers that were counted. */
  readonly #cache = new Map<NumberSet, Map<number, Uint32Array>>();

  constructor(inModule: (offset: number) => boolean) {
    this.#inModule = inModule;
  }

  /**
   * Group size of each number, by its index in the set, which must be complete. A number has the smaller
   * group of its first and its last occurrence. `among`: ascending indices of the numbers to count; the
   * others have size 0.
   */
  groupSizes(set: NumberSet, among?: readonly number[]): Uint32Array {
    const count = among?.length ?? set.length;
    const known = this.#cache.get(set) ?? new Map<number, Uint32Array>();
    this.#cache.set(set, known);
    const sizes = known.get(count) ?? this.#count(set, count, among);
    known.set(count, sizes);
    return sizes;
  }

  #count(set: NumberSet, count: number, among?: readonly number[]): Uint32Array {
    const [firsts, lasts] = [new Uint32Array(count), new Uint32Array(count)];
    const counts = new Uint32Array(KINDS + 1);
    for (let k = 0; k < count; k++) {
      const i = among === undefined ? k : among[k]!;
      const [offset, kind, last, lastKind] = [set.offset(i), set.kind(i), set.last(i), set.lastKind(i)];
      const first = this.#groupOf(offset, kind);
      firsts[k] = first;
      counts[first]!++;
      lasts[k] = last === offset && lastKind === kind ? first : this.#groupOf(last, lastKind);
      if (lasts[k] !== first) counts[lasts[k]!]!++;
    }
    const sizes = new Uint32Array(set.length);
    for (let k = 0; k < count; k++)
      sizes[among === undefined ? k : among[k]!] = Math.min(counts[firsts[k]!]!, counts[lasts[k]!]!);
    return sizes;
  }

  #groupOf(offset: number, kind: number): number {
    return this.#inModule(offset) ? IN_MODULE : kind;
  }
}
