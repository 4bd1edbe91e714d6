import { CachedIds } from './cached-ids.js';
import { IdTable, type SharedIds } from './id-table.js';
import { u32 } from './walk-objects.js';

/** Reference fields of classes by number, all in shared memory. */
export interface FieldColumns {
  classes: SharedIds;
  /** By class: its first field, the number of fields, and the offset of a key in an instance's data or -1. */
  firsts: Int32Array;
  counts: Int32Array;
  keys: Int32Array;
  /** Offset in an instance's data, and role, by field. */
  offsets: Int32Array;
  roles: Int32Array;
}

/** A column in shared memory. */
export function sharedColumn(values: readonly number[]): Int32Array {
  const column = new Int32Array(new SharedArrayBuffer(4 * values.length));
  column.set(values);
  return column;
}

/** What a pass needs to know of {@link Layouts}, on any thread. */
export class FieldTable implements Omit<FieldColumns, 'classes'> {
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  readonly keys: Int32Array;
  readonly offsets: Int32Array;
  readonly roles: Int32Array;
  readonly #classes: CachedIds;
  readonly #isWide: boolean;

  constructor({ classes, firsts, counts, keys, offsets, roles }: FieldColumns, isWide: boolean) {
    this.#classes = new CachedIds(IdTable.open(classes));
    this.firsts = firsts;
    this.counts = counts;
    this.keys = keys;
    this.offsets = offsets;
    this.roles = roles;
    this.#isWide = isWide;
  }

  /** Number of the class of an instance with its data at `data`; -1 if the class is not known. */
  at(bytes: DataView, data: number): number {
    return this.#classes.indexOf(this.#isWide ? u32(bytes, data - 12) : 0, u32(bytes, data - 8));
  }
}
