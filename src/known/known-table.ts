import { randomFillSync } from 'node:crypto';
import { partitionPoint } from '../core/base/bytes/binary-search.js';
import { Pace, type Pausing } from '../core/base/runtime/turns.js';
import { type KnownForm, keyPositions, LONG_KEY } from './known-form.js';

/** Bits of the map before the slots, as a power of two: 16 for each slot, in the processor's cache. */
const MAP_BITS = { least: 16, most: 24, each: 4 };
const LEAST_SLOTS = 16;
/** Share of the slots that may be in use. */
const MOST_FULL = 2 / 3;
/** Bytes of values between two pauses. */
const PACE = 2 ** 14;
/** Entries with one key. Values that repeat themselves are few, and each place is compared with all. */
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
  /** Index of each value's form. */
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

/** The value that a position belongs to. */
export const valueAt = ({ starts, count }: KnownTable, position: number): number =>
  partitionPoint(count, (i) => starts[i]! <= position) - 1;

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

/** An empty map. */
function mapFor(slots: Uint32Array): Int32Array {
  const bits = Math.log2(slots.length) + MAP_BITS.each;
  return new Int32Array(2 ** (Math.max(MAP_BITS.least, Math.min(MAP_BITS.most, bits)) - 5));
}

/** A table that grows. What it has outgrown is overwritten. */
export class KnownTableBuilder {
  readonly table: KnownTable;
  #keys = 0;
  /** A bit for each position of the data that is a key. */
  #positions: Uint8Array;

  /** `expected`: number of keys for which there is room from the start. */
  constructor(forms: readonly KnownForm[], step: 1 | 4, expected = LEAST_SLOTS / 2) {
    const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * expected)));
    this.table = {
      ...{ step, forms, count: 0, factors: randomFillSync(new Int32Array(2)).map((factor) => factor | 1) },
      ...{ data: new Uint8Array(2 ** 12), starts: new Uint32Array(64), formOf: new Uint16Array(64) },
      ...{ slots, map: mapFor(slots) },
    };
    this.#positions = new Uint8Array(this.table.data.length / 8);
  }

  get keys(): number {
    return this.#keys;
  }

  /** Bytes of all values. */
  get length(): number {
    return this.table.starts[this.table.count]!;
  }

  /**
   * Adds a value. False if it has no key that is free: in a table of step 1 any position may be its key, so
   * that all that it has are in eight others each.
   */
  add({ bytes, form }: KnownValue): boolean {
    const { table, length: start } = this;
    const end = start + bytes.length;
    this.#reserve(end);
    table.data.set(bytes, start);
    table.formOf[table.count] = form;
    const { whole, text } = table.forms[form]!;
    const isLong = text || table.step === 1;
    // Of values that are found whole, those with the same end follow one another.
    const most = whole ? 1 : MOST_OF_KEY;
    let isFound = whole === true || table.step !== 1;
    for (const at of keyPositions(bytes, table.forms[form]!, table.step))
      isFound = this.#insert(start + at, isLong, most) || isFound;
    for (let at = 1; at + LONG_KEY <= bytes.length && !isFound; at++)
      isFound = this.#insert(start + at, isLong, most);
    if (!isFound) {
      table.data.fill(0, start, end);
      return false;
    }
    table.starts[++table.count] = end;
    return true;
  }

  /** Makes room for one more value, which ends at `end`. */
  #reserve(end: number): void {
    const { table } = this;
    if (end > table.data.length) {
      table.data = longer(table.data, 8 * Math.ceil(end / 8));
      this.#positions = longer(this.#positions, table.data.length / 8);
    }
    if (table.count + 1 < table.starts.length) return;
    table.starts = longer(table.starts, 0);
    table.formOf = longer(table.formOf, 0);
  }

  /**
   * True if there is just this value, in a table of step 1 of parts. Keys become no emptier: it has any of
   * its own that is not full. The last comes first: many texts begin alike.
   */
  has({ bytes, form }: KnownValue): boolean {
    const compared = new Set<number>();
    for (const at of keyPositions(bytes, this.table.forms[form]!, 1).reverse()) {
      const is = this.#isAt(bytes, at, compared);
      if (is !== undefined) return is;
    }
    for (let at = 1; at + LONG_KEY <= bytes.length; at++) {
      const is = this.#isAt(bytes, at, compared);
      if (is !== undefined) return is;
    }
    return false;
  }

  /**
   * True if there is just this value, with a key at an index; undefined if it may have another in its place.
   * `compared`: where values would begin that were compared.
   */
  #isAt(bytes: Uint8Array, at: number, compared: Set<number>): boolean | undefined {
    const { data, slots, map, starts, factors } = this.table;
    const [low, high] = [wordAt(bytes, at), wordAt(bytes, at + 4)];
    const hash = hashOf(low, high, factors[0]!, factors[1]!);
    const shift = shiftFor(32 * map.length);
    const bits = bitsOf(hash, shift);
    if ((map[hash >>> (shift + 5)]! & bits) !== bits) return false;
    let slot = hash >>> shiftFor(slots.length);
    let same = 0;
    for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
      if (!isKey(data, slots[slot]!, low, high, true)) continue;
      same++;
      const start = positionOf(slots[slot]!) - at;
      if (compared.has(start)) continue;
      compared.add(start);
      const value = valueAt(this.table, positionOf(slots[slot]!));
      if (starts[value] !== start || starts[value + 1] !== start + bytes.length) continue;
      if (Buffer.compare(bytes, data.subarray(start, start + bytes.length)) === 0) return true;
    }
    return same < MOST_OF_KEY ? false : undefined;
  }

  /** Overwrites the table. No scan may be running. */
  wipe(): void {
    wipeTable(this.table);
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

  #insert(position: number, isLong: boolean, most: number): boolean {
    if (this.#keys + 1 > MOST_FULL * this.table.slots.length) this.#grow();
    const isStored = this.#store(position, isLong, most);
    if (isStored) {
      this.#keys++;
      this.#positions[position >>> 3]! |= 1 << (position & 7);
    }
    return isStored;
  }

  /** Stores a position, unless `most` have its key. */
  #store(position: number, isLong: boolean, most: number): boolean {
    const { data, slots, map, factors } = this.table;
    const low = wordAt(data, position);
    const high = isLong ? wordAt(data, position + 4) : 0;
    const hash = hashOf(low, high, factors[0]!, factors[1]!);
    const shift = shiftFor(32 * map.length);
    const [word, bits] = [hash >>> (shift + 5), bitsOf(hash, shift)];
    // Values of a large table are in no cache: few of them are read.
    const mayBeKnown = Number.isFinite(most) && (map[word]! & bits) === bits;
    map[word]! |= bits;
    let slot = hash >>> shiftFor(slots.length);
    let same = 0;
    for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1))
      if (mayBeKnown && isKey(data, slots[slot]!, low, high, isLong) && ++same >= most) return false;
    slots[slot] = 2 * (position + 1) + (isLong ? 1 : 0);
    return true;
  }

  /** Reads the values one after another: those of a large table are in no cache. */
  #grow(): void {
    const { table } = this;
    table.slots = new Uint32Array(2 * table.slots.length);
    table.map = mapFor(table.slots);
    const positions = this.#positions;
    let value = 0;
    for (let i = 0; i < positions.length; i++)
      for (let bits = positions[i]!; bits !== 0; bits &= bits - 1) {
        const position = 8 * i + 31 - Math.clz32(bits & -bits);
        while (value < table.count && table.starts[value + 1]! <= position) value++;
        const isLong = table.step === 1 || table.forms[table.formOf[value]!]!.text;
        this.#store(position, isLong, Number.POSITIVE_INFINITY);
      }
  }
}

/** A table of values; `step` is 4 for memory of whole words, in which every fourth byte is looked up. */
export function* knownTable(
  values: Iterable<KnownValue>,
  { forms, step }: { forms: readonly KnownForm[]; step: 1 | 4 },
): Pausing<never, KnownTable> {
  const pace = new Pace(PACE);
  const all: KnownValue[] = [];
  let length = 0;
  for (const value of values) {
    if (pace.isDue(value.bytes.length)) yield;
    all.push(value);
    length += value.bytes.length;
  }
  // Most positions are keys of a table of step 4.
  const expected = step === 1 ? all.length : length;
  const builder = new KnownTableBuilder(forms, step, Math.max(LEAST_SLOTS, expected));
  for (const value of all) {
    if (pace.isDue(value.bytes.length)) yield;
    builder.add(value);
  }
  return builder.shared();
}

/** Overwrites a table, which holds secrets. No scan may be running. */
export function wipeTable({ data, starts, formOf, slots, map, factors }: KnownTable): void {
  for (const column of [data, starts, formOf, slots, map, factors]) column.fill(0);
}
