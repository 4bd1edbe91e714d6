import { lowerBound } from '../../../core/base/bytes/binary-search.js';
import { lowWord } from '../../core/integer-encodings.js';
import { WordIndex } from '../../core/word-index.js';
import type { RepeatedNumber } from './equation-numbers.js';

/** Numbers in the order of their places: memory may have a hundred thousand, and hundreds of nonces. */
export class NearestNumbers {
  readonly #all: readonly RepeatedNumber[];
  readonly #words = new WordIndex();
  /** Places, ascending, and the index of the number at each. */
  readonly #places: Float64Array;
  readonly #indices: Uint32Array;

  constructor(all: readonly RepeatedNumber[]) {
    this.#all = all;
    const places = Float64Array.from(all.flatMap((each) => each.places));
    const indices = Uint32Array.from(all.flatMap((each, index) => each.places.map(() => index)));
    // Columns: an object for each place would be most of the memory.
    const order = Uint32Array.from(places.keys()).sort((a, b) => places[a]! - places[b]!);
    this.#places = Float64Array.from(order, (i) => places[i]!);
    this.#indices = Uint32Array.from(order, (i) => indices[i]!);
    for (const { value } of all) this.#words.add(lowWord(value));
  }

  /** The places of a number, if it is one of these. */
  placesOf(value: bigint): readonly number[] {
    for (const index of this.#words.entries(lowWord(value)))
      if (this.#all[index]!.value === value) return this.#all[index]!.places;
    return [];
  }

  /** The numbers nearest to some places, by their own places; of numbers as near, those that come first. */
  near(places: readonly number[], most: number): RepeatedNumber[] {
    const far = new Map<number, number>();
    for (const place of places) this.#walk(place, most, far);
    return [...far]
      .sort(([i, a], [j, b]) => a - b || i - j)
      .slice(0, most)
      .map(([index]) => this.#all[index]!);
  }

  /** Sets the distances of at least `most` numbers, nearest first, and of those as near as the last one. */
  #walk(place: number, most: number, far: Map<number, number>): void {
    const seen = new Set<number>();
    let above = lowerBound(this.#places, place);
    let below = above - 1;
    let last = 0;
    for (;;) {
      const up = above < this.#places.length ? this.#places[above]! - place : Number.POSITIVE_INFINITY;
      const down = below >= 0 ? place - this.#places[below]! : Number.POSITIVE_INFINITY;
      const distance = Math.min(up, down);
      if (distance === Number.POSITIVE_INFINITY || (seen.size >= most && distance > last)) return;
      const index = this.#indices[up <= down ? above++ : below--]!;
      last = distance;
      seen.add(index);
      far.set(index, Math.min(distance, far.get(index) ?? distance));
    }
  }
}
