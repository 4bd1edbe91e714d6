import type { NumberSet } from '../core/number-set.js';

/** The crowds of all that stand behind no header, and of all in images of programs and libraries, whose tables are numbers by the thousand. */
const NO_HEADER = 0;
const IN_MODULE = -1;

/**
 * How many numbers stand behind a header like theirs: the size of a chunk, the length of an array or of an integer. A library's tables of
 * points are integers by the ten thousand, each behind the same word, and whoever keeps a key keeps few.
 */
export class HeaderFrequency {
  readonly #inModule: (offset: number) => boolean;
  readonly #cache = new Map<NumberSet, { count: number; sizes: Uint32Array }>();

  constructor(inModule: (offset: number) => boolean) {
    this.#inModule = inModule;
  }

  /**
   * By the number's index in the set, to which none is added any more: where it stands first or last, whichever has the smaller crowd. `among`: those
   * that are counted, ascending; the others have none.
   */
  groupSizes(set: NumberSet, among?: readonly number[]): Uint32Array {
    const count = among?.length ?? set.length;
    const known = this.#cache.get(set);
    if (known?.count === count) return known.sizes;
    const sizes = this.#count(set, among ?? Array.from({ length: count }, (_, i) => i));
    this.#cache.set(set, { count, sizes });
    return sizes;
  }

  #count(set: NumberSet, among: readonly number[]): Uint32Array {
    const firsts = among.map((i) => this.#groupOf(set.offset(i), set.kind(i)));
    const lasts = among.map((i) => this.#groupOf(set.last(i), set.lastKind(i)));
    const counts = new Map<number, number>();
    for (const crowd of firsts) counts.set(crowd, (counts.get(crowd) ?? 0) + 1);
    for (const [k, crowd] of lasts.entries())
      if (crowd !== firsts[k]) counts.set(crowd, (counts.get(crowd) ?? 0) + 1);
    const sizes = new Uint32Array(set.length);
    for (const [k, i] of among.entries())
      sizes[i] = Math.min(counts.get(firsts[k]!)!, counts.get(lasts[k]!)!);
    return sizes;
  }

  #groupOf(offset: number, kind: number): number {
    return this.#inModule(offset) ? IN_MODULE : kind || NO_HEADER;
  }
}
