import { IntColumn } from '../../../core/base/bytes/int-column.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { HeldObject, ObjectQuery } from '../../memory/types.js';
import type { Classes } from '../records/classes.js';
import type { HprofFile, Id } from '../records/file.js';
import type { HprofSummary } from '../records/summary.js';
import { IdTable } from './id-table.js';
import { idOf, type Layouts } from './layouts.js';
import type { ObjectIndex } from './object-index.js';
import { ROLE } from './roles.js';
import { type ObjectVisitor, u32 } from './walk-objects.js';

/** Objects that are read. */
const MOST = 2 ** 16;
/** Objects from a field to its octets: at most 4 fields, a BigInteger or String, its array. */
const ROUNDS = 7;
/** Bytes of the longest value: twice an RSA modulus of 16,384 bits, as an array of chars. */
const LONGEST = 8192;

type HeldValue = NonNullable<HeldObject['values'][number]>;

/** Forms of arrays by their type (hprof_b_spec.h): char, byte, int. Big-endian ints are octets. */
const FORMS: Readonly<Record<number, HeldValue['form']>> = { 5: 'utf16be', 8: 'bytes', 10: 'bytes' };

/** Objects that were referred to and not read yet: for each, a linked list of the slots that refer to it. */
class PendingObjects {
  readonly ids = new IdTable();
  readonly #firsts = new IntColumn();

  /** `nexts`: links of the lists: by slot, the next slot that refers to the same object, or -1. */
  add(high: number, low: number, slot: number, nexts: IntColumn): void {
    const index = this.ids.add(high, low);
    if (index === this.#firsts.count) this.#firsts.push(-1);
    nexts.set(slot, this.#firsts.at(index));
    this.#firsts.set(index, slot);
  }

  /** Removes the list of an object. Its first slot; -1 if no slot refers to it, or its list was removed. */
  take(high: number, low: number): number {
    const index = this.ids.indexOf(high, low);
    if (index < 0) return -1;
    const first = this.#firsts.at(index);
    this.#firsts.set(index, -1);
    return first;
  }
}

/** Objects of classes that are asked for, and what their fields lead to. A slot is a path of an object. */
export class QueriedObjects {
  readonly #classes: QueriedClasses;
  readonly #layouts: Layouts;
  readonly #isWide: boolean;
  readonly classIds: IdTable;
  readonly #queries: readonly ClassQuery[];
  /** By object: its identifier, its class as a number of `classIds`, and its first slot. */
  readonly #high = new IntColumn();
  readonly #low = new IntColumn();
  readonly #class = new IntColumn();
  readonly #slots = new IntColumn();
  /** By slot: fields of its path, how many were followed, if through a String, the next slot of its list. */
  readonly #paths: (readonly string[])[] = [];
  readonly #depths = new IntColumn();
  readonly #isText: boolean[] = [];
  readonly #nexts = new IntColumn();
  readonly #values: HeldValue[] = [];
  #pending = new PendingObjects();
  /** Objects beyond the most that are read. */
  left = 0;

  constructor(file: HprofFile, queried: QueriedClasses, classes: Classes, layouts: Layouts) {
    this.#classes = queried;
    this.#layouts = layouts;
    this.#isWide = file.header.idSize === 8;
    const { ids, queries } = queried.find(classes);
    this.classIds = ids;
    this.#queries = queries;
  }

  get count(): number {
    return this.#class.count;
  }

  /** Called for instances, those of no queried class among them. */
  take(bytes: DataView, head: number, data: number, end: number): void {
    const classLow = u32(bytes, data - 8);
    if (!this.classIds.mayHave(classLow)) return;
    const known = this.classIds.indexOf(this.#isWide ? u32(bytes, data - 12) : 0, classLow);
    if (known < 0) return;
    if (this.count >= MOST) {
      this.left++;
      return;
    }
    this.#high.push(this.#isWide ? u32(bytes, head + 1) : 0);
    this.#low.push(u32(bytes, head + (this.#isWide ? 5 : 1)));
    this.#class.push(known);
    this.#slots.push(this.#paths.length);
    for (const path of this.#queries[known]!.paths) {
      const slot = this.#paths.length;
      this.#paths.push(path);
      this.#depths.push(0);
      this.#nexts.push(-1);
      this.#follow(slot, bytes, data, end, this.#pending);
    }
  }

  /** Enters the object to which a field leads: the next of the path, or the one with the octets. */
  #follow(slot: number, bytes: DataView, data: number, end: number, pending: PendingObjects): void {
    const { first, count, isString } = this.#layouts.at(bytes, data);
    const path = this.#paths[slot]!;
    const depth = this.#depths.at(slot);
    const wanted = path[depth];
    const { name, role, offset } = this.#layouts;
    for (let field = first; field < first + count; field++) {
      const isNext =
        wanted === undefined ? role[field] === ROLE.part : this.#classes.fieldName(name[field]!) === wanted;
      if (!isNext) continue;
      const at = data + offset[field]!;
      if (at + (this.#isWide ? 8 : 4) > end) return;
      const high = this.#isWide ? u32(bytes, at) : 0;
      const low = u32(bytes, this.#isWide ? at + 4 : at);
      if (high === 0 && low === 0) return;
      if (wanted !== undefined) this.#depths.set(slot, depth + 1);
      else if (isString) this.#isText[slot] = true;
      pending.add(high, low, slot, this.#nexts);
      return;
    }
  }

  /** Follows the fields of all objects together. */
  *resolve(index: ObjectIndex): Pausing<never> {
    for (let round = 0; round < ROUNDS && this.#pending.ids.count > 0; round++) {
      const next = new PendingObjects();
      const pending = this.#pending;
      this.#pending = next;
      yield* index.find(pending.ids, this.#visitor(pending, next));
    }
    this.#pending = new PendingObjects();
  }

  #visitor(pending: PendingObjects, next: PendingObjects): Pick<ObjectVisitor, 'instance' | 'primitives'> {
    const isWide = this.#isWide;
    const firstOf = (bytes: DataView, head: number): number =>
      pending.take(isWide ? u32(bytes, head + 1) : 0, u32(bytes, head + (isWide ? 5 : 1)));
    return {
      instance: (bytes, head, data, end) => {
        for (let slot = firstOf(bytes, head); slot >= 0; ) {
          const after = this.#nexts.at(slot);
          this.#follow(slot, bytes, data, end, next);
          slot = after;
        }
      },
      primitives: (bytes, head, type, at, size, end) => {
        const form = FORMS[type];
        for (let slot = firstOf(bytes, head); slot >= 0; slot = this.#nexts.at(slot)) {
          if (form === undefined || size === 0 || size > LONGEST) continue;
          if (this.#depths.at(slot) < this.#paths[slot]!.length) continue;
          const isText = this.#isText[slot] === true && form === 'bytes';
          const start = head + (isWide ? 18 : 14);
          const textForm = isText ? compactForm(bytes, start, Math.min(end, start + size)) : form;
          this.#values[slot] = { value: { offset: at, length: size }, form: textForm };
        }
      },
    };
  }

  /** Objects of queries that ask for what refers to them. */
  heldObjects(): IdTable {
    const ids = new IdTable();
    for (let object = 0; object < this.count; object++)
      if (this.#queries[this.#class.at(object)]!.withHolders)
        ids.add(this.#high.at(object) >>> 0, this.#low.at(object) >>> 0);
    return ids;
  }

  /** Identifiers of the classes of all objects. */
  classesOfObjects(): Set<Id> {
    const classes = new Set<number>();
    for (let object = 0; object < this.count; object++) classes.add(this.#class.at(object));
    return new Set(Array.from(classes, (known) => this.#classId(known)));
  }

  #classId(known: number): Id {
    return idOf(this.classIds.high[known]!, this.classIds.low[known]!);
  }

  /** The objects in file order. `holdersOf`: names of the classes that refer to an object. */
  *objects(
    nameOfClass: (id: Id) => string,
    holdersOf: (high: number, low: number) => readonly string[],
  ): Pausing<HeldObject> {
    for (let object = 0; object < this.count; object++) {
      const known = this.#class.at(object);
      const { index, paths, withHolders } = this.#queries[known]!;
      const first = this.#slots.at(object);
      const values = paths.map((_, i) => this.#values[first + i]);
      const id = [this.#high.at(object) >>> 0, this.#low.at(object) >>> 0] as const;
      yield {
        query: index,
        className: nameOfClass(this.#classId(known)),
        values,
        holders: withHolders ? holdersOf(...id) : [],
      };
    }
  }
}

/** A compact string is Latin-1, or UTF-16 with a zero beside each character of Latin-1. */
function compactForm(bytes: DataView, start: number, end: number): HeldValue['form'] {
  for (let at = start; at < end; at++) if (bytes.getUint8(at) === 0) return 'utf16le';
  return 'latin1';
}

/** A query, with its paths divided into fields. */
interface ClassQuery {
  index: number;
  paths: readonly (readonly string[])[];
  withHolders: boolean;
}

/** Superclasses that are looked at for all classes together: hostile classes may inherit from each other. */
const MOST_LINEAGE = 2 ** 22;

/** The classes of a heap that are asked for. */
export class QueriedClasses {
  readonly #queries: ReadonlyMap<string, ClassQuery>;
  /** Words that the dump has, by identifier: names of classes and fields of the queries among them. */
  readonly #texts: ReadonlyMap<Id, string>;
  readonly #classNames: ReadonlyMap<Id, Id>;

  /** `texts`: of {@link QueriedClasses.words}, and perhaps more. */
  constructor(texts: ReadonlyMap<Id, string>, { classNames }: HprofSummary, queries: readonly ObjectQuery[]) {
    this.#queries = new Map(
      queries.map(({ className, paths, withHolders = false }, index) => [
        className,
        { index, paths: paths.map((path) => path.split('.')), withHolders },
      ]),
    );
    this.#texts = texts;
    this.#classNames = classNames;
  }

  /** Names of classes and fields. */
  static words(queries: readonly ObjectQuery[]): string[] {
    return queries.flatMap(({ className, paths }) => [
      className,
      ...paths.flatMap((path) => path.split('.')),
    ]);
  }

  /** True if none of them is loaded; a subclass is never loaded without its superclass. */
  get isEmpty(): boolean {
    return ![...this.#classNames.keys()].some((id) => this.#queryOf(id) !== undefined);
  }

  #queryOf(classId: Id): ClassQuery | undefined {
    const name = this.#texts.get(this.#classNames.get(classId) ?? -1);
    return name === undefined ? undefined : this.#queries.get(name);
  }

  /** Name of a field, if it is one of the words. */
  fieldName(nameId: Id): string | undefined {
    return this.#texts.get(nameId);
  }

  /** Classes whose objects a query is about, in the order of `ids`: that of the nearest superclass. */
  find(classes: Classes): { ids: IdTable; queries: ClassQuery[] } {
    const ids = new IdTable();
    const queries: ClassQuery[] = [];
    if (this.isEmpty) return { ids, queries };
    let looked = 0;
    for (const id of classes.ids()) {
      for (const each of classes.lineage(id)) {
        if (++looked > MOST_LINEAGE) return { ids, queries };
        const query = this.#queryOf(each);
        if (query === undefined) continue;
        const whole = BigInt(id);
        ids.add(Number(whole >> 32n), Number(whole & 0xffffffffn));
        queries[ids.count - 1] = query;
        break;
      }
    }
    return { ids, queries };
  }
}
