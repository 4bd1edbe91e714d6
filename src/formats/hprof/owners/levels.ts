import { IdTable } from './id-table.js';

/** An array that is reached from a holder; `generic`: by way of a wrapper for any purpose. */
export interface Reached {
  array: number;
  generic: boolean;
}

/** Objects whose holders are searched for: arrays of values, then what holds those of the level below. */
export class Level {
  readonly ids: IdTable;
  /** Objects between an object of this level and an array. */
  readonly depth: number;
  readonly #below: Level | undefined;
  /** By object: its first edge to one below. By edge: that one, the object's next edge, and its kind. */
  readonly #firsts: number[] = [];
  readonly #held: number[] = [];
  readonly #nexts: number[] = [];
  readonly #generic: boolean[] = [];

  constructor(ids: IdTable, below?: Level) {
    this.ids = ids;
    this.#below = below;
    this.depth = below === undefined ? 0 : below.depth + 1;
  }

  /** The level of what holds the objects of this one. */
  above(): Level {
    return new Level(new IdTable(), this);
  }

  /** Enters that an object of this level holds one of the level below. */
  add(high: number, low: number, held: number, generic: boolean): void {
    const index = this.ids.add(high, low);
    this.#nexts.push(this.#firsts[index] ?? -1);
    this.#firsts[index] = this.#held.length;
    this.#held.push(held);
    this.#generic.push(generic);
  }

  /** The arrays below an object, each once. */
  *arrays(index: number): Generator<Reached> {
    const below = this.#below;
    if (below === undefined) {
      yield { array: index, generic: false };
      return;
    }
    const seen = new Set<number>();
    for (let edge = this.#firsts[index] ?? -1; edge >= 0; edge = this.#nexts[edge]!) {
      const generic = this.#generic[edge]!;
      for (const reached of below.arrays(this.#held[edge]!)) {
        if (seen.has(reached.array)) continue;
        seen.add(reached.array);
        yield { array: reached.array, generic: generic || reached.generic };
      }
    }
  }
}
