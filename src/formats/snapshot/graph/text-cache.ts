import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { StringList } from './strings.js';

/** Texts that are kept, of at most 256 characters. */
const MOST = 2 ** 16;

/** Texts of strings by number: names of edges and of nodes recur. */
export class TextCache {
  readonly #strings: StringList;
  readonly #texts = new Map<number, string>();

  constructor(strings: StringList) {
    this.#strings = strings;
  }

  /** Reads those that are not known; others may be forgotten. */
  *read(numbers: ReadonlySet<number>): Pausing<never> {
    let missing = [...numbers].filter((number) => !this.#texts.has(number));
    if (missing.length === 0) return;
    if (this.#texts.size + missing.length > MOST) {
      this.#texts.clear();
      missing = [...numbers];
    }
    yield* this.#strings.texts(ascending(missing), (number, text) => this.#texts.set(number, text));
  }

  get(number: number): string | undefined {
    return this.#texts.get(number);
  }
}

/** Sorted by value. */
export const ascending = (numbers: Iterable<number>): Float64Array => Float64Array.from(numbers).sort();
