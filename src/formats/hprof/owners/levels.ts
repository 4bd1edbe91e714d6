import { IdTable } from './id-table.js';

/** An array that is reached from a holder. */
interface Reached {
  array: number;
  /** Objects between them. */
  hops: number;
  /** One of them is a wrapper for any purpose. */
  generic: boolean;
}

const GENERIC = 1;
const HOP = 2;

/** Objects whose holders are searched for: Strings and arrays, then what holds the objects of the level below. */
export class Level {
  ids = new IdTable();
  readonly #below: Level | undefined;
  /** By object: its first edge. By edge: the object or array below, the object's next edge, and its marks. */
  readonly #firsts: number[] = [];
  readonly #held: number[] = [];
  readonly #nexts: number[] = [];
  readonly #marks: number[] = [];

  constructor(below?: Level) {
    this.#below = below;
  }

  /** Enters what an object holds: an object of the level below, or an array. */
  add(high: number, low: number, held: number, { generic = false, hops = 1 } = {}): void {
    const index = this.ids.add(high, low);
    this.#nexts.push(this.#firsts[index] ?? -1);
    this.#firsts[index] = this.#held.length;
    this.#held.push(held);
    this.#marks.push((generic ? GENERIC : 0) + HOP * hops);
  }

  /** Frees what only a pass needs. */
  close(): void {
    this.ids = new IdTable();
  }

  /** The arrays below an object, each once. */
  *arrays(index: number): Generator<Reached> {
    const seen = new Set<number>();
    for (let edge = this.#firsts[index] ?? -1; edge >= 0; edge = this.#nexts[edge]!) {
      const held = this.#held[edge]!;
      const marks = this.#marks[edge]!;
      for (const reached of this.#below?.arrays(held) ?? [{ array: held, hops: 0, generic: false }]) {
        if (seen.has(reached.array)) continue;
        seen.add(reached.array);
        const generic = reached.generic || (marks & GENERIC) !== 0;
        yield { array: reached.array, hops: reached.hops + (marks >> 1), generic };
      }
    }
  }
}
