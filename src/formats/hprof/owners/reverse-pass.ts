import { IntColumn } from '../../../core/base/bytes/int-column.js';
import type { HprofFile, Id } from '../records/file.js';
import { OBJECT, readClassTables } from '../records/subrecords.js';
import type { IdTable } from './id-table.js';
import { type FieldTable, idOf } from './layouts.js';
import { ROLE } from './roles.js';
import { type ObjectVisitor, u32 } from './walk-objects.js';

/** References to one object that a pass takes. */
const MOST_OF_ONE = 16;
/** References of a pass. */
const MOST_HITS = 2 ** 22;

/** Fields of a hit that are none of an instance. */
/** `plain`: beside a key that is a value itself, and no name; `enumerated`: an element of an EnumMap. */
export const FIELD = { element: -1, static: -2, plain: -3, enumerated: -4 } as const;

/** Columns of {@link ReferenceList}, as a task returns them. */
export interface ReferenceColumns {
  readonly columns: readonly Int32Array[];
  readonly left: number;
}

/** References to targets, in file order. */
export class ReferenceList {
  readonly target = new IntColumn();
  /** Number of the field ({@link Layouts}), or one of {@link FIELD}. */
  readonly field = new IntColumn();
  /** Identifier of the holder, or of the array's or static field's class; halves may be negative. */
  readonly high = new IntColumn();
  readonly low = new IntColumn();
  /** Identifier of the key beside the value, of a static field its name; 0 if there is none. */
  readonly keyHigh = new IntColumn();
  readonly keyLow = new IntColumn();
  /** References beyond the most that are kept. */
  left = 0;
  /** References that were taken, by target. */
  readonly #counts: Uint8Array;

  constructor(targets: number) {
    this.#counts = new Uint8Array(targets);
  }

  get count(): number {
    return this.target.count;
  }

  /** Identifier of the holder. */
  holderOf(hit: number): Id {
    return idOf(this.high.at(hit) >>> 0, this.low.at(hit) >>> 0);
  }

  /** Counts a reference to a target; false if there are enough. */
  takes(target: number): boolean {
    if (this.#counts[target]! >= MOST_OF_ONE) return false;
    if (this.count >= MOST_HITS) {
      this.left++;
      return false;
    }
    this.#counts[target]!++;
    return true;
  }

  push(target: number, field: number, high: number, low: number, keyHigh: number, keyLow: number): void {
    this.target.push(target);
    this.field.push(field);
    this.high.push(high);
    this.low.push(low);
    this.keyHigh.push(keyHigh);
    this.keyLow.push(keyLow);
  }

  columns(): ReferenceColumns {
    const all = [this.target, this.field, this.high, this.low, this.keyHigh, this.keyLow];
    return { columns: all.map((column) => column.values()), left: this.left };
  }

  /** Adds those of a later part of the file. */
  append({ columns, left }: ReferenceColumns): void {
    const [targets, fields, highs, lows, keyHighs, keyLows] = columns as Int32Array[] & { length: 6 };
    this.left += left;
    for (let i = 0; i < targets!.length; i++)
      if (this.takes(targets![i]!))
        this.push(targets![i]!, fields![i]!, highs![i]!, lows![i]!, keyHighs![i]!, keyLows![i]!);
  }
}

/** Finds the references to targets in instances, arrays of objects and static fields. */
export class ReversePass implements ObjectVisitor {
  readonly hits: ReferenceList;
  readonly #targets: IdTable;
  readonly #layouts: FieldTable;
  readonly #isWide: boolean;

  constructor(file: HprofFile, targets: IdTable, layouts: FieldTable) {
    this.#targets = targets;
    this.#layouts = layouts;
    this.#isWide = file.header.idSize === 8;
    this.hits = new ReferenceList(targets.count);
  }

  instance(bytes: DataView, head: number, data: number, end: number): void {
    const { firsts, counts, keys, offsets, roles } = this.#layouts;
    const layout = this.#layouts.at(bytes, data);
    if (layout < 0) return;
    const keyAt = keys[layout]!;
    const idSize = this.#isWide ? 8 : 4;
    const lowAt = idSize - 4;
    const first = firsts[layout]!;
    const last = first + counts[layout]!;
    for (let field = first; field < last; field++) {
      const at = data + offsets[field]!;
      if (at + idSize > end) continue;
      const low = u32(bytes, at + lowAt);
      // Most references are null or lead elsewhere.
      if (low === 0 || !this.#targets.mayHave(low)) continue;
      const role = roles[field];
      const key = keyAt >= 0 && (role === ROLE.beside || role === ROLE.keyed) ? data + keyAt : -1;
      const isWhole = key >= 0 && key + idSize <= end;
      this.#add(bytes, at, field, head + 1, isWhole ? key : -1);
    }
  }

  elements(bytes: DataView, heads: DataView, head: number, start: number, end: number, first: number): void {
    const idSize = this.#isWide ? 8 : 4;
    const lowAt = idSize - 4;
    for (let at = start; at + idSize <= end; at += idSize) {
      const low = u32(bytes, at + lowAt);
      if (low === 0 || !this.#targets.mayHave(low)) continue;
      const isOdd = ((at - start) / idSize + first) % 2 === 1;
      this.#add(bytes, at, FIELD.element, head + 1, isOdd ? at - idSize : -1, heads);
    }
  }

  /** The reference at `at`; `holder` and `key`: places of identifiers, or -1. */
  #add(bytes: DataView, at: number, field: number, holder: number, key: number, heads = bytes): void {
    const high = this.#isWide ? u32(bytes, at) : 0;
    const target = this.#targets.indexOf(high, u32(bytes, this.#isWide ? at + 4 : at));
    if (target < 0 || !this.hits.takes(target)) return;
    const isWide = this.#isWide;
    const low = isWide ? 4 : 0;
    const isValue = key >= 0 && this.#isTarget(bytes, key);
    const hasKey = key >= 0 && !isValue;
    this.hits.push(
      target,
      isValue && field >= 0 ? FIELD.plain : field,
      isWide ? u32(heads, holder) : 0,
      u32(heads, holder + low),
      hasKey && isWide ? u32(bytes, key) : 0,
      hasKey ? u32(bytes, key + low) : 0,
    );
  }

  #isTarget(bytes: DataView, at: number): boolean {
    const low = u32(bytes, this.#isWide ? at + 4 : at);
    return this.#targets.mayHave(low) && this.#targets.indexOf(this.#isWide ? u32(bytes, at) : 0, low) >= 0;
  }

  /** Static fields of the class dump at an offset. */
  statics(file: HprofFile, offset: number): void {
    const { idSize } = file.header;
    readClassTables(file, offset, ({ nameAt, type, at }) => {
      if (type !== OBJECT || nameAt === undefined || !file.has(at, idSize)) return;
      if (!this.#targets.mayHave(file.low(at))) return;
      const target = this.#targets.indexOf(highOf(file, at), file.low(at));
      if (target < 0 || !file.has(nameAt, idSize)) return;
      const [keyHigh, keyLow] = [highOf(file, nameAt), file.low(nameAt)];
      if (!file.has(offset, 1 + idSize) || !this.hits.takes(target)) return;
      this.hits.push(target, FIELD.static, highOf(file, offset + 1), file.low(offset + 1), keyHigh, keyLow);
    });
  }
}

const highOf = (file: HprofFile, at: number): number => (file.header.idSize === 8 ? file.u32(at) : 0);
