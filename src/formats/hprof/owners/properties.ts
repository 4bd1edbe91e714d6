import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { HprofFile } from '../records/file.js';
import { IdTable } from './id-table.js';
import type { Layouts } from './layouts.js';
import type { ObjectIndex } from './object-index.js';
import { u32 } from './walk-objects.js';

/** Objects that are followed: a program has a few of these tables, of some hundred entries. */
const MOST = 2 ** 16;
/** From the properties to their map, its table, the entries, and the next entries of a slot. */
const ROUNDS = 7;

/**
 * The entries of `java.util.Properties`, which are those of a map inside it: the one collection whose
 * name the class of its entries does not show.
 */
export class PropertiesEntries {
  readonly #file: HprofFile;
  readonly #layouts: Layouts;
  readonly #ids = new IdTable();

  constructor(file: HprofFile, layouts: Layouts) {
    this.#file = file;
    this.#layouts = layouts;
  }

  /** Adds an instance of the class. */
  add(high: number, low: number): void {
    if (this.#ids.count < MOST) this.#ids.add(high, low);
  }

  /** Whatever the instances lead to, entries among them. */
  *find(index: ObjectIndex): Pausing<never, IdTable> {
    const all = new IdTable();
    let pending = this.#ids;
    const isWide = this.#file.header.idSize === 8;
    const idSize = this.#file.header.idSize;
    for (let round = 0; round < ROUNDS && pending.count > 0; round++) {
      const next = new IdTable();
      const follow = (bytes: DataView, at: number): void => {
        const [high, low] = isWide ? [u32(bytes, at), u32(bytes, at + 4)] : [0, u32(bytes, at)];
        if (low === 0 && high === 0) return;
        const before = all.count;
        if (before < MOST && all.add(high, low) === before) next.add(high, low);
      };
      yield* index.find(pending, {
        instance: (bytes, _head, data, end) => {
          const { first, count, isString } = this.#layouts.at(bytes, data);
          if (isString) return;
          for (let field = first; field < first + count; field++) {
            const at = data + this.#layouts.offset[field]!;
            if (at + idSize <= end) follow(bytes, at);
          }
        },
        elements: (bytes, _heads, _head, start, end) => {
          for (let at = start; at + idSize <= end; at += idSize) follow(bytes, at);
        },
      });
      pending = next;
    }
    return all;
  }
}
