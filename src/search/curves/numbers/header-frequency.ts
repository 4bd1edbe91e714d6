import type { NumberSet } from '../../core/number-set.js';
import { indicesOf } from './curve-numbers.js';

/**
 * Groups of the numbers without a header, and of those in images of programs and libraries, which hold tables
 * of thousands of numbers.
 */
const NO_HEADER = 0;
const IN_MODULE = -1;

/**
 * Counts numbers by the word before them: the size of a chunk, or the length of an array or an integer.
 * Tables of points are tens of thousands of integers behind the same word; private keys are few, so small
 * groups are tried first.
 */
export class HeaderFrequency {
  readonly #inModule: (offset: number) => boolean;
  readonly #cache = new Map<NumberSet, { count: number; sizes: Uint32Array }>();

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
    const known = this.#cache.get(set);
    if (known?.count === count) return known.sizes;
    const sizes = this.#count(set, among ?? indicesOf(set));
    this.#cache.set(set, { count, sizes });
    return sizes;
  }

  #count(set: NumberSet, among: readonly number[]): Uint32Array {
    const firsts = among.map((i) => this.#groupOf(set.offset(i), set.kind(i)));
    const lasts = among.map((i, k) =>
      set.last(i) === set.offset(i) && set.lastKind(i) === set.kind(i)
        ? firsts[k]!
        : this.#groupOf(set.last(i), set.lastKind(i)),
    );
    const counts = new Map<number, number>();
    for (const group of firsts) counts.set(group, (counts.get(group) ?? 0) + 1);
    for (const [k, group] of lasts.entries())
      if (group !== firsts[k]) counts.set(group, (counts.get(group) ?? 0) + 1);
    const sizes = new Uint32Array(set.length);
    for (const [k, i] of among.entries())
      sizes[i] = Math.min(counts.get(firsts[k]!)!, counts.get(lasts[k]!)!);
    return sizes;
  }

  #groupOf(offset: number, kind: number): number {
    return this.#inModule(offset) ? IN_MODULE : kind || NO_HEADER;
  }
}
