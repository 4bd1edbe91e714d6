import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { Warning } from '../../../core/base/runtime/warnings.js';
import { readBytes } from '../../memory/read.js';
import type { HeldObject, MayName, Owned, OwnersEnd, RandomRuns, Threads } from '../../memory/types.js';
import type { Classes } from '../records/classes.js';
import type { HprofFile, Id } from '../records/file.js';
import { javaName } from '../records/java-name.js';
import { type HprofSummary, namesInTurns, warnings } from '../records/summary.js';
import { CandidateArrays } from './arrays.js';
import { EnumMaps } from './enum-maps.js';
import type { IdTable } from './id-table.js';
import { Layouts } from './layouts.js';
import { HolderLevel } from './levels.js';
import { ObjectIndex } from './object-index.js';
import { ObjectTexts } from './object-texts.js';
import { HeapPasses } from './passes.js';
import { PropertiesEntries } from './properties.js';
import { type QueriedClasses, QueriedObjects } from './queried-objects.js';
import type { ReferenceList } from './reverse-pass.js';
import type { FieldRoles } from './roles.js';
import { type NameVerdict, Verdicts } from './verdicts.js';
import { type ObjectVisitor, u32, walkObjects } from './walk-objects.js';

/** Arrays whose holders are searched for. */
const MOST_ARRAYS = 2 ** 22;
/** Passes over holders: nearly all names are at most three objects away from a String or an array. */
const PASSES = 3;
/** Owners of one object that are reported. */
const MOST_NAMES = 4;

/** How a reference is followed; 0 if it is not. */
const FOLLOW = { part: 1, wrapper: 2, byKey: 3 } as const;
const PLAIN = 255;
/** References between two pauses. */
const SOME = 4096;

/** An object with a name, and the identifier of its holder. */
interface NamedObject {
  object: number;
  high: number;
  low: number;
  verdict: Extract<NameVerdict, { type: 'named' }>;
}

/** What holds the values of a heap dump: pointers are followed backwards, from values to names. */
export class HeapOwners {
  readonly #file: HprofFile;
  readonly #summary: HprofSummary;
  readonly #classes: Classes;
  readonly #layouts: Layouts;
  readonly #properties: PropertiesEntries;
  readonly #index: ObjectIndex;
  readonly #passes: HeapPasses;
  readonly #enumMaps: EnumMaps;
  /** Objects that belong to properties; undefined until one is asked about. */
  #entries: IdTable | undefined;
  #left = 0;
  #damage: { offset: number; end: number } | undefined;

  constructor(
    file: HprofFile,
    summary: HprofSummary,
    classes: Classes,
    roles: FieldRoles,
    threads?: Threads,
  ) {
    this.#file = file;
    this.#summary = summary;
    this.#classes = classes;
    this.#layouts = new Layouts(file, classes, roles);
    this.#properties = new PropertiesEntries(file, this.#layouts);
    this.#index = new ObjectIndex(file);
    this.#passes = new HeapPasses(file, classes, this.#layouts, this.#index, threads);
    this.#enumMaps = new EnumMaps(file);
  }

  /** What holds the values of runs; and the objects of classes that are asked for. */
  *run(runs: RandomRuns, mayName: MayName, queried: QueriedClasses): Pausing<Owned | HeldObject, OwnersEnd> {
    const objects = new QueriedObjects(this.#file, queried, this.#classes, this.#layouts);
    if (runs.offsets.length > 0) yield* this.#values(runs, mayName, objects);
    else yield* this.#walk(this.#onlyObjects(objects));
    if (objects.count > 0 && runs.offsets.length === 0) yield* this.#walk(this.#indexing());
    yield* this.#objects(objects);
    return { left: this.#left, warnings: this.#warnings() };
  }

  *#values(runs: RandomRuns, mayName: MayName, objects: QueriedObjects): Pausing<Owned> {
    const arrays = new CandidateArrays(runs, MOST_ARRAYS, this.#file.length);
    yield* this.#walk(this.#firstVisitor(arrays, objects));
    this.#left += arrays.left;
    yield* this.#enumMaps.read(this.#index);
    const texts = new ObjectTexts(this.#file, this.#index, this.#layouts);
    const verdicts = new Verdicts(this.#layouts, mayName);
    let level = yield* arrays.level();
    for (let pass = 0; pass < PASSES && level.ids.count > 0; pass++) {
      const hits = yield* this.#references(level.ids);
      yield* this.#enumMaps.enterKeys(hits, level.ids, this.#index);
      const verdictOf = yield* verdicts.judge(hits, texts, (wanted) => this.#names(wanted));
      const { named, above, hasParts } = yield* this.#settle(level, hits, verdictOf);
      if (named.some(({ verdict }) => verdict.kind === 'key'))
        this.#entries ??= yield* this.#properties.find(this.#index);
      yield* this.#owned(level, named, arrays);
      level.close();
      if (named.length === 0 && !hasParts) break;
      level = above;
    }
  }

  /** Instances of queried classes: other objects are skipped, which takes half the time. */
  #onlyObjects(objects: QueriedObjects): ObjectVisitor {
    return {
      classes: objects.classIds,
      instance: (bytes, head, data, end) => objects.take(bytes, head, data, end),
      damaged: (offset, end) => this.#noteDamage(offset, end),
    };
  }

  /** All objects, and the fields of all classes that have some. */
  #indexing(): ObjectVisitor {
    return {
      object: (high, low, offset, heapEnd) => this.#index.add(high, low, offset, heapEnd),
      instance: (bytes, _head, data) => {
        this.#layouts.at(bytes, data);
      },
    };
  }

  *#objects(objects: QueriedObjects): Pausing<HeldObject> {
    this.#left += objects.left;
    if (objects.count === 0) return;
    yield* objects.resolve(this.#index);
    const held = objects.heldObjects();
    const holders = new Map<number, Set<Id>>();
    if (held.count > 0) {
      const hits = yield* this.#references(held);
      const { target } = hits;
      for (let hit = 0; hit < hits.count; hit++) {
        const classId = this.#layouts.owner[hits.field.at(hit)] ?? hits.holderOf(hit);
        const known = holders.get(target.at(hit)) ?? new Set();
        holders.set(target.at(hit), known.add(classId));
      }
    }
    const classIds = [...objects.classesOfObjects(), ...[...holders.values()].flatMap((ids) => [...ids])];
    const names = yield* this.#names(new Set(classIds.flatMap((id) => this.#nameOfClass(id))));
    const nameOf = (id: Id) => javaName(names.get(this.#nameOfClass(id)[0] ?? -1) ?? '');
    yield* objects.objects(nameOf, (high, low) =>
      [...(holders.get(held.indexOf(high, low)) ?? [])].map(nameOf),
    );
  }

  #walk(visitor: ObjectVisitor): Pausing<never> {
    return walkObjects(this.#file, this.#summary.checkpoints.before(0), this.#file.length, visitor);
  }

  #firstVisitor(arrays: CandidateArrays, objects: QueriedObjects): ObjectVisitor {
    const { idSize } = this.#file.header;
    const isWide = idSize === 8;
    const isQueried = objects.classIds.count > 0;
    return {
      object: (high, low, offset, heapEnd) => this.#index.add(high, low, offset, heapEnd),
      instance: (bytes, head, data, end) => {
        if (isQueried) objects.take(bytes, head, data, end);
        const layout = this.#layouts.at(bytes, data);
        if (layout.isPlain) return;
        if (layout.isProperties)
          this.#properties.add(isWide ? u32(bytes, head + 1) : 0, u32(bytes, head + idSize - 3));
        this.#enumMaps.add(layout, bytes, data, end);
        if (!layout.isString) return;
        const at = data + layout.textAt;
        if (at + idSize > end) return;
        if (isWide)
          arrays.addString(u32(bytes, head + 1), u32(bytes, head + 5), u32(bytes, at), u32(bytes, at + 4));
        else arrays.addString(0, u32(bytes, head + 1), 0, u32(bytes, at));
      },
      primitives: (bytes, head, type, at, size, end) => {
        const high = idSize === 8 ? u32(bytes, head + 1) : 0;
        const low = u32(bytes, head + idSize - 3);
        arrays.add(high, low, type, at, size, bytes, head + 10 + idSize, end);
      },
      damaged: (offset, end) => this.#noteDamage(offset, end),
    };
  }

  #noteDamage(offset: number, end: number): void {
    if (end <= this.#file.length) this.#damage ??= { offset, end };
  }

  *#references(targets: IdTable): Pausing<never, ReferenceList> {
    const hits = yield* this.#passes.references(targets);
    this.#left += hits.left;
    return hits;
  }

  /**
   * The references that give names, and the level of those holders whose own holders may; `hasParts`: some
   * are collections.
   */
  *#settle(
    level: HolderLevel,
    hits: ReferenceList,
    verdictOf: (hit: number) => NameVerdict,
  ): Pausing<never, { named: NamedObject[]; above: HolderLevel; hasParts: boolean }> {
    const above = new HolderLevel(level);
    let hasParts = false;
    const named: NamedObject[] = [];
    /** By object, the number of its names; {@link PLAIN} if it has only plain ones. */
    const names = new Uint8Array(level.ids.count);
    const followed = new Uint8Array(hits.count);
    for (let hit = 0; hit < hits.count; hit++) {
      if (hit % SOME === 0) yield;
      const verdict = verdictOf(hit);
      const object = hits.target.at(hit);
      if (verdict.type === 'follow') followed[hit] = verdict.byKey ? FOLLOW.byKey : FOLLOW[verdict.through];
      else if (verdict.type === 'plain') names[object] ||= PLAIN;
      else {
        const known = names[object]! % PLAIN;
        names[object] = Math.min(MOST_NAMES, known + 1);
        if (known === MOST_NAMES) continue;
        named.push({ object, high: hits.high.at(hit) >>> 0, low: hits.low.at(hit) >>> 0, verdict });
      }
    }
    for (let hit = 0; hit < hits.count; hit++) {
      if (hit % SOME === 0) yield;
      const object = hits.target.at(hit);
      if (followed[hit] === 0 || names[object] !== 0) continue;
      const isGeneric = followed[hit] === FOLLOW.wrapper;
      hasParts ||= !isGeneric;
      const [high, low] =
        followed[hit] === FOLLOW.byKey ? [hits.keyHigh, hits.keyLow] : [hits.high, hits.low];
      above.add(high.at(hit) >>> 0, low.at(hit) >>> 0, object, 1, isGeneric);
    }
    return { named, above, hasParts };
  }

  *#owned(level: HolderLevel, named: readonly NamedObject[], arrays: CandidateArrays): Pausing<Owned> {
    if (named.length === 0) return;
    const classNames = yield* this.#names(
      new Set(named.flatMap(({ verdict }) => this.#nameOfClass(verdict.classId))),
    );
    for (const { object, high, low, verdict } of named) {
      const { kind, name, classId, collection } = verdict;
      const className = classNames.get(this.#nameOfClass(classId)[0] ?? -1) ?? '';
      const shown = javaName(className);
      const isProperty = kind === 'key' && (this.#entries?.indexOf(high, low) ?? -1) >= 0;
      const holder = kind === 'key' ? (collection ?? collectionOf(shown)) : shown;
      const of = isProperty ? 'java.util.Properties' : holder;
      const owner = { kind, name, of };
      for (const reached of level.arrays(object)) {
        const value = this.#valueOf(reached.array, arrays);
        if (value) yield { ...value, owner, hops: reached.hops, generic: reached.generic };
      }
    }
  }

  #nameOfClass(classId: Id | undefined): Id[] {
    const nameId = classId === undefined ? undefined : this.#summary.classNames.get(classId);
    return nameId === undefined ? [] : [nameId];
  }

  #names(wanted: ReadonlySet<Id>): Pausing<never, ReadonlyMap<Id, string>> {
    return namesInTurns(this.#file, this.#summary.checkpoints, wanted);
  }

  /** A value without the room behind it. */
  #valueOf(array: number, arrays: CandidateArrays): Pick<Owned, 'value' | 'form'> | undefined {
    const { offset, length, form } = arrays.at(array);
    if (form === 'bytes') return { value: { offset, length }, form };
    const bytes = readBytes(this.#file.reader, offset, length);
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    if (end === 0) return undefined;
    const isWide = form === 'chars' || bytes.subarray(0, end).includes(0);
    if (isWide) end += end % 2;
    return {
      value: { offset, length: end },
      form: form === 'chars' ? 'utf16be' : isWide ? 'utf16le' : 'latin1',
    };
  }

  #warnings(): Warning[] {
    if (this.#damage === undefined) return [];
    const { offset, end } = this.#damage;
    const what = `what ${end - offset} bytes of the heap hold has no names`;
    const message = `no valid object at offset ${offset}: ${what}`;
    const hint = 'get a whole copy: values that only pointers name may be missing';
    return [warnings.of('hprof-owners', { message, hint, offset, length: end - offset })];
  }
}

/** The collection of a class for its entries: `java.util.HashMap` of `java.util.HashMap$Node`. */
const collectionOf = (className: string): string =>
  className === '' ? 'an array' : className.replace(/\$(?:\w*Node|\w*Entry|ReservationNode)$/, '');
