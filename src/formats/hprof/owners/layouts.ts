import type { Classes } from '../records/classes.js';
import type { HprofFile, Id } from '../records/file.js';
import { IdTable, type SharedIds } from './id-table.js';
import { type FieldRoles, ROLE } from './roles.js';
import { u32 } from './walk-objects.js';

/** Reference fields of all classes, inherited ones included. */
const MOST_FIELDS = 2 ** 22;
const MOST_CLASSES = 2 ** 18;

const EMPTY: ObjectLayout = {
  ...{ first: 0, count: 0, keyAt: -1, textAt: -1, isString: false, isProperties: false },
  isPlain: true,
  enumMap: undefined,
};

/** A class's references: fields [first, first + count) of {@link Layouts}. */
export interface ObjectLayout {
  first: number;
  count: number;
  /** Offset in the data of the key beside a value, and of the reference to an object's text; or -1. */
  keyAt: number;
  textAt: number;
  isString: boolean;
  isProperties: boolean;
  /** Offsets in the data of an EnumMap: of its array of values, and of its array of keys. */
  enumMap: { valuesAt: number; universeAt: number } | undefined;
  /** None of those three. */
  isPlain: boolean;
}

/** Reference fields of classes, numbered when an instance is first seen. */
export class Layouts {
  readonly #file: HprofFile;
  readonly #classes: Classes;
  readonly #roles: FieldRoles;
  readonly #ids = new IdTable();
  readonly #recent = new CachedIds(this.#ids);
  readonly #layouts: ObjectLayout[] = [];
  /** By number of a field: its offset in the data of an instance, role, and name. */
  readonly offset: number[] = [];
  readonly role: number[] = [];
  readonly name: Id[] = [];
  readonly declaring: Id[] = [];
  /** The class of the instance. */
  readonly owner: Id[] = [];

  constructor(file: HprofFile, classes: Classes, roles: FieldRoles) {
    this.#file = file;
    this.#classes = classes;
    this.#roles = roles;
  }

  /** The layout of an instance with its data at `data`; the identifier of its class is before that. */
  at(bytes: DataView, data: number): ObjectLayout {
    return this.#file.header.idSize === 8
      ? this.#of(u32(bytes, data - 12), u32(bytes, data - 8))
      : this.#of(0, u32(bytes, data - 8));
  }

  /** All fields that were numbered. */
  columns(): FieldColumns {
    const all = this.#layouts;
    return {
      classes: this.#ids.share(),
      firsts: sharedColumn(all.map(({ first }) => first)),
      counts: sharedColumn(all.map(({ count }) => count)),
      keys: sharedColumn(all.map(({ keyAt }) => keyAt)),
      offsets: sharedColumn(this.offset),
      roles: sharedColumn(this.role),
    };
  }

  #of(high: number, low: number): ObjectLayout {
    const known = this.#recent.indexOf(high, low);
    return known >= 0 ? this.#layouts[known]! : this.#number(high, low);
  }

  #number(high: number, low: number): ObjectLayout {
    const id = idOf(high, low);
    if (this.#layouts.length >= MOST_CLASSES || this.offset.length >= MOST_FIELDS || !this.#classes.has(id))
      return EMPTY;
    this.#ids.add(high, low);
    const layout = this.#read(id);
    this.#layouts.push(layout);
    return layout;
  }

  #read(id: Id): ObjectLayout {
    const roles = this.#roles;
    const first = this.offset.length;
    const fields = [...this.#classes.referenceFields(id)].flatMap(({ at, nameAt, declaring }) =>
      this.#file.has(nameAt, this.#file.header.idSize)
        ? { at, declaring, nameId: this.#file.id(nameAt) }
        : [],
    );
    let [keyAt, best] = [-1, Number.POSITIVE_INFINITY];
    if (fields.some(({ nameId }) => roles.isValue(nameId)))
      for (const { at, nameId } of fields) {
        const rank = roles.keyRank(nameId);
        if (rank >= 0 && rank < best) [keyAt, best] = [at, rank];
      }
    for (const { at, declaring, nameId } of fields) {
      this.offset.push(at);
      this.role.push(at === keyAt ? ROLE.key : roles.roleOf(declaring, nameId, keyAt >= 0));
      this.name.push(nameId);
      this.declaring.push(declaring);
      this.owner.push(id);
    }
    const text = fields.find(({ declaring, nameId }) => roles.leadsToText(declaring, nameId));
    const fieldOf = (name: string) =>
      fields.find(({ declaring, nameId }) => roles.isEnumMapField(declaring, nameId, name))?.at;
    const [valuesAt, universeAt] = [fieldOf('vals'), fieldOf('keyUniverse')];
    const enumMap = valuesAt === undefined || universeAt === undefined ? undefined : { valuesAt, universeAt };
    const isProperties = roles.isProperties(id);
    const isString = text !== undefined && roles.isString(text.declaring);
    return {
      first,
      count: this.offset.length - first,
      keyAt,
      textAt: text?.at ?? -1,
      isString,
      isProperties,
      enumMap,
      isPlain: !isString && !isProperties && enumMap === undefined,
    };
  }
}

/** An identifier of two halves as the rest of the format has it. */
export const idOf = (high: number, low: number): Id =>
  high < 2 ** 21 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);

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
function sharedColumn(values: readonly number[]): Int32Array {
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

const BITS = 9;

/**
 * Numbers of the identifiers of a table that were asked for last, as a direct-mapped cache: objects have some
 * hundred classes, and neighbours are seldom of one.
 */
export class CachedIds {
  readonly #table: IdTable;
  readonly #high = new Uint32Array(2 ** BITS);
  readonly #low = new Uint32Array(2 ** BITS);
  readonly #index = new Int32Array(2 ** BITS).fill(-1);

  constructor(table: IdTable) {
    this.#table = table;
  }

  /** The number of an identifier, or -1. */
  indexOf(high: number, low: number): number {
    const place = Math.imul(low >>> 3, 0x9e3779b1) >>> (32 - BITS);
    if (this.#low[place] === low && this.#high[place] === high && this.#index[place]! >= 0)
      return this.#index[place]!;
    const index = this.#table.indexOf(high, low);
    this.#low[place] = low;
    this.#high[place] = high;
    this.#index[place] = index;
    return index;
  }
}
