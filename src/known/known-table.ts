import { randomFillSync } from 'node:crypto';
import { type KnownForm, keyPositions } from './known-form.js';

/** Bits of the map before the slots, as a power of two: 16 for each slot, in the processor's cache. */
const MAP_BITS = { least: 16, most: 24, each: 4 };
const LEAST_SLOTS = 16;
/**
 * Entries with one key, but for values that are found whole. Values that repeat themselves are few, and each
 * place is compared with all.
 */
const MOST_OF_KEY = 8;

/** A known value in one form. */
export interface KnownValue {
  bytes: Uint8Array;
  /** Index of the form. */
  form: number;
}

/** Known values as plain data for any thread. */
export interface KnownTable {
  /** Distance of the places at which keys are looked up. */
  step: 1 | 4;
  forms: readonly KnownForm[];
  /** Number of values. */
  count: number;
  /** All values, one after another. */
  data: Uint8Array;
  /** Where each value begins in the data; one more at its end. */
  starts: Uint32Array;
  /** By value: index of its form. */
  formOf: Uint16Array;
  /** Hash table of the keys' positions, see {@link positionOf}; an empty slot is 0. */
  slots: Uint32Array;
  /** Two bits of a word for each hash of a key, see {@link bitsOf}. Signed numbers need no conversion. */
  map: Int32Array;
  /** Random factors of the hashes: a hostile dump cannot have more collisions than chance. */
  factors: Int32Array;
}

/** Hash of a key, of two terms: the first is that of its low half. Its upper bits are the best. */
export const hashOf = (low: number, high: number, a: number, b: number): number =>
  Math.imul(low, a) ^ Math.imul(high ^ (low >>> 15), b);

/**
 * The bits of a hash in its word of a map; `shift` of the hash leaves an index of its words times 32. Of
 * hashes that no key has, a fourth as many have both bits set as have one.
 */
export const bitsOf = (hash: number, shift: number): number =>
  (1 << (hash >>> shift)) | (1 << (hash >>> (shift - 5)));

/** Shift of a hash that leaves an index in a table of 2^n rows. */
export const shiftFor = (rows: number): number => Math.clz32(rows) + 1;

export const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** The position in the data that a slot has. Its lowest bit says whether the key is of 8 bytes. */
export const positionOf = (stored: number): number => (stored >>> 1) - 1;

/** True if a slot has a key: its low half, and its high half if it is long. */
export function isKey(data: Uint8Array, stored: number, low: number, high: number, isLong: boolean): boolean {
  const position = positionOf(stored);
  if ((stored & 1) !== (isLong ? 1 : 0) || wordAt(data, position) !== low) return false;
  return !isLong || wordAt(data, position + 4) === high;
}

type Column = Uint8Array | Uint16Array | Uint32Array;
type ColumnOf<T> = new (elements: number | SharedArrayBuffer, offset?: number, length?: number) => T;

/** Twice as many elements, or `least`. */
function longer<T extends Column>(column: T, least: number): T {
  const result = new (column.constructor as ColumnOf<T>)(Math.max(2 * column.length, least));
  result.set(column);
  column.fill(0);
  return result;
}

/** The first elements in shared memory. */
function shared<T extends Column | Int32Array>(column: T, length = column.length): T {
  const buffer = new SharedArrayBuffer(Math.max(8, length * column.BYTES_PER_ELEMENT));
  const result = new (column.constructor as ColumnOf<T>)(buffer, 0, length);
  result.set(column.subarray(0, length));
  column.fill(0);
  return result;
}

/** A table that grows. What it has outgrown is overwritten. */
export class KnownTableBuilder {
  readonly table: KnownTable;
  #keys = 0;
  /** The last key and its slot: many values may have the same one. */
  #last = { low: 0, high: 0, slot: -1 };

  constructor(forms: readonly KnownForm[], step: 1 | 4) {
    this.table = {
      ...{ step, forms, count: 0, factors: randomFillSync(new Int32Array(2)).map((factor) => factor | 1) },
      ...{ data: new Uint8Array(2 ** 12), starts: new Uint32Array(64), formOf: new Uint16Array(64) },
      ...{ slots: new Uint32Array(LEAST_SLOTS), map: new Int32Array(2 ** (MAP_BITS.least - 5)) },
    };
  }

  get keys(): number {
    return this.#keys;
  }

  /** Bytes of all values. */
  get length(): number {
    return this.table.starts[this.table.count]!;
  }

  add({ bytes, form }: KnownValue): void {
    const { table, length: start } = this;
    const end = start + bytes.length;
    if (end > table.data.length) table.data = longer(table.data, end);
    table.data.set(bytes, start);
    if (table.count + 1 === table.starts.length) {
      table.starts = longer(table.starts, 0);
      table.formOf = longer(table.formOf, 0);
    }
    table.formOf[table.count++] = form;
    table.starts[table.count] = end;
    const { whole, text } = table.forms[form]!;
    const most = whole ? Number.POSITIVE_INFINITY : MOST_OF_KEY;
    for (const at of keyPositions(bytes, table.forms[form]!, table.step))
      this.#insert(start + at, text || table.step === 1, most);
  }

  /** The table, in shared memory and no longer than it must be. The builder can no longer be used. */
  shared(): KnownTable {
    const { table, length } = this;
    return {
      ...table,
      data: shared(table.data, length),
      starts: shared(table.starts, table.count + 1),
      formOf: shared(table.formOf, table.count),
      ...{ slots: shared(table.slots), map: shared(table.map), factors: shared(table.factors) },
    };
  }

  #insert(position: number, isLong: boolean, most: number): void {
    const stored = 2 * (position + 1) + (isLong ? 1 : 0);
    if (2 * (this.#keys + 1) > this.table.slots.length) this.#grow();
    if (this.#store(stored, most)) this.#keys++;
  }

  /** Stores a position, unless its key already has the most it may have. */
  #store(stored: number, most: number): boolean {
    const { data, slots, map, factors } = this.table;
    const isLong = (stored & 1) === 1;
    const low = wordAt(data, positionOf(stored));
    const high = isLong ? wordAt(data, positionOf(stored) + 4) : 0;
    const hash = hashOf(low, high, factors[0]!, factors[1]!);
    const last = this.#last;
    const isLast = most > MOST_OF_KEY && last.slot >= 0 && low === last.low && high === last.high;
    let slot = isLast ? last.slot : hash >>> shiftFor(slots.length);
    let same = 0;
    for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1))
      if (isKey(data, slots[slot]!, low, high, isLong) && ++same >= most) return false;
    slots[slot] = stored;
    const shift = shiftFor(32 * map.length);
    map[hash >>> (shift + 5)]! |= bitsOf(hash, shift);
    last.low = low;
    last.high = high;
    last.slot = slot;
    return true;
  }

  #grow(): void {
    const { table } = this;
    const old = table.slots;
    table.slots = new Uint32Array(2 * old.length);
    const bits = Math.log2(table.slots.length) + MAP_BITS.each;
    table.map = new Int32Array(2 ** (Math.max(MAP_BITS.least, Math.min(MAP_BITS.most, bits)) - 5));
    this.#last.slot = -1;
    for (const stored of old) if (stored !== 0) this.#store(stored, Number.POSITIVE_INFINITY);
  }
}

/** A table of values; `step` is 4 for memory of whole words, in which every fourth byte is looked up. */
export function knownTable(
  values: Iterable<KnownValue>,
  { forms, step }: { forms: readonly KnownForm[]; step: 1 | 4 },
): KnownTable {
  const builder = new KnownTableBuilder(forms, step);
  for (const value of values) builder.add(value);
  return builder.shared();
}

/** Overwrites a table, which holds secrets. No thread may be reading it. */
export function wipeTable({ data, starts, formOf, slots, map, factors }: KnownTable): void {
  for (const column of [data, starts, formOf, slots, map, factors]) column.fill(0);
}
