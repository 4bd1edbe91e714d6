import { IntColumn } from '../../../core/base/bytes/int-column.js';
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

/** Objects whose holders are searched for: Strings and arrays, then what holds those of the level below. */
export class HolderLevel {
  ids: IdTable;
  readonly #below: HolderLevel | undefined;
  /** By object: its first edge. By edge: the object or array below, the object's next edge, and its marks. */
  readonly #firsts = new IntColumn();
  readonly #held = new IntColumn();
  readonly #nexts = new IntColumn();
  readonly #marks = new IntColumn();

  /** `expected`: number of its objects, if that is known. */
  constructor(below?: HolderLevel, expected = 0) {
    this.#below = below;
    this.ids = new IdTable(expected);
  }

  /** Enters what an object holds: an object of the level below, or an array. */
  add(high: number, low: number, held: number, hops: number, generic: boolean): void {
    const index = this.ids.add(high, low);
    if (index === this.#firsts.count) this.#firsts.push(-1);
    this.#nexts.push(this.#firsts.at(index));
    this.#firsts.set(index, this.#held.count);
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
    for (let edge = this.#firsts.at(index); edge >= 0; edge = this.#nexts.at(edge)) {
      const held = this.#held.at(edge);
      const marks = this.#marks.at(edge);
      for (const reached of this.#below?.arrays(held) ?? [{ array: held, hops: 0, generic: false }]) {
        if (seen.has(reached.array)) continue;
        seen.add(reached.array);
        const generic = reached.generic || (marks & GENERIC) !== 0;
        yield { array: reached.array, hops: reached.hops + (marks >> 1), generic };
      }
    }
  }
}
