import type { Pausing } from '../../core/base/runtime/turns.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Region } from '../../core/model/report.js';
import { walkObjects } from './owners/walk-objects.js';
import { Classes } from './records/classes.js';
import type { HprofFile, Id } from './records/file.js';
import { javaName } from './records/java-name.js';
import { type HprofRecord, isHeap, recordName, TAG } from './records/records.js';
import { nameOfType, readClassTables, SUB, sizeOfType } from './records/subrecords.js';
import { type HprofSummary, namesInTurns, warnings } from './records/summary.js';
import { type Checkpoint, type Checkpoints, walk } from './records/walk.js';
import { type ArrayPlace, type Referrer, ReferrerSearch } from './referrers.js';

/** Objects that are named; further ones are reported by type and identifier. */
const MAX_LABELS = 2 ** 17;

/**
 * Regions by file offset. Names of objects need walks over much of the file, so {@link
 * HprofRegions.completeNames} determines all of them together; until then a name has the type and the
 * identifier.
 */
export class HprofRegions {
  readonly #file: HprofFile;
  readonly #summary: HprofSummary;
  readonly #locator: RecordLocator;
  readonly #regions = new Map<number, Region>();
  #unnamed: { region: Region; label: Label }[] = [];
  #classes: Classes | undefined;

  constructor(file: HprofFile, contents: HprofSummary) {
    this.#file = file;
    this.#summary = contents;
    this.#locator = new RecordLocator(file, contents.checkpoints);
  }

  regionAt(offset: number): Region {
    if (offset < this.#file.header.length) return { kind: 'header' };
    const place = this.#locator.at(offset);
    if (place === undefined) return { kind: 'unknown' };
    if ('record' in place) return { kind: 'note', name: recordName(place.record.tag)! };
    const label = labelOf(this.#file, place.sub, offset);
    return label === undefined ? { kind: 'note', name: 'HPROF_HEAP_DUMP' } : this.#object(label);
  }

  /** The text of an HPROF_UTF8 record follows its identifier, whose last byte may look like a letter. */
  startsText(offset: number): boolean {
    const place = this.#locator.at(offset);
    if (place === undefined || !('record' in place)) return false;
    const { tag, body } = place.record;
    return tag === TAG.UTF8 && offset === body + this.#file.header.idSize;
  }

  #object(label: Label): Region {
    const known = this.#regions.get(label.key);
    if (known !== undefined) return known;
    const region: Region = { kind: 'object', name: label.provisional };
    if (this.#regions.size >= MAX_LABELS) return region;
    this.#regions.set(label.key, region);
    this.#unnamed.push({ region, label });
    return region;
  }

  /** Replaces provisional names of all regions returned so far by names of classes and fields. */
  *completeNames(): Pausing<never, readonly Warning[]> {
    const unnamed = this.#unnamed;
    this.#unnamed = [];
    if (unnamed.length > 0) yield* this.#name(unnamed);
    return this.#locator.warnings();
  }

  *#name(unnamed: readonly { region: Region; label: Label }[]): Pausing<never> {
    const classes = yield* this.classesInTurns();
    const arrays = unnamed.flatMap(({ label }) => label.array ?? []);
    const owners = yield* new ReferrerSearch(this.#file, this.#summary.checkpoints, classes).run(arrays);
    const namings = unnamed.map(({ region, label }) => ({
      region,
      naming: label.naming(classes, label.array && owners.get(label.array.id)),
    }));
    const text = yield* this.#texts(namings.map(({ naming }) => naming));
    for (const { region, naming } of namings) region.name = text(naming);
  }

  /** All class dumps. Most are at the start of the heap; the walk ends after one for every loaded class. */
  *classesInTurns(): Pausing<never, Classes> {
    if (this.#classes !== undefined) return this.#classes;
    const { checkpoints, classNames } = this.#summary;
    const classes = new Classes(this.#file);
    yield* walkObjects(this.#file, checkpoints.before(0), this.#file.length, {
      classDump(offset) {
        classes.add(offset);
        return classes.size === classNames.size;
      },
    });
    this.#classes = classes;
    return classes;
  }

  *#texts(namings: readonly Naming[]): Pausing<never, (naming: Naming) => string> {
    const { classNames, checkpoints } = this.#summary;
    const ofClass = (id: Id | undefined): Id | undefined =>
      id === undefined ? undefined : classNames.get(id);
    const ids = namings.flatMap(({ classId, nameId }) => [ofClass(classId), nameId]);
    const wanted = new Set(ids.filter((id): id is Id => id !== undefined));
    const names = yield* namesInTurns(this.#file, checkpoints, wanted);
    return ({ classId, nameId, plain }) => {
      const className = names.get(ofClass(classId) ?? -1);
      if (className === undefined) return plain;
      const name = names.get(nameId ?? -1);
      return name === undefined ? javaName(className) : `${javaName(className)}.${name}`;
    };
  }
}

/** Identifiers of the names in `class.field`, and the text used if there is no class. */
interface Naming {
  classId?: Id | undefined;
  nameId?: Id | undefined;
  plain: string;
}

/** How an object will be named once the names of classes and fields are read. */
interface Label {
  /** Equal for offsets with the same name. */
  key: number;
  /** Its name until then. */
  provisional: string;
  /** Set for an array, which is named by its owner. */
  array?: ArrayPlace;
  naming(classes: Classes, owner: Referrer | undefined): Naming;
}

type Describe = (file: HprofFile, sub: SubRecord, offset: number) => Label | undefined;

const hex = (id: Id): string => `0x${id.toString(16)}`;

const primitiveArray: Describe = (file, { offset: key }) => {
  const { idSize } = file.header;
  if (!file.has(key, 10 + idSize)) return undefined;
  const id = file.id(key + 1);
  const plain = `${nameOfType(file.u8(key + 9 + idSize))}[]`;
  return {
    key,
    provisional: `${plain} ${hex(id)}`,
    array: { id, offset: key },
    naming: (classes, owner) => ({
      plain,
      classId: owner?.classId,
      nameId: owner?.field === undefined ? owner?.nameId : classes.fieldAt(owner.classId, owner.field),
    }),
  };
};

const instance: Describe = (file, { offset: start }, offset) => {
  const { idSize } = file.header;
  if (!file.has(start, 5 + 2 * idSize)) return undefined;
  const classId = file.id(start + 5 + idSize);
  const at = offset - (start + 9 + 2 * idSize);
  return {
    key: offset,
    provisional: `instance ${hex(file.id(start + 1))}`,
    naming: (classes) => ({
      plain: 'instance',
      classId,
      nameId: at < 0 ? undefined : classes.fieldAt(classId, at),
    }),
  };
};

const objectArray: Describe = (file, { offset: key }) => {
  const { idSize } = file.header;
  if (!file.has(key, 9 + 2 * idSize)) return undefined;
  const classId = file.id(key + 9 + idSize);
  const plain = 'object[]';
  return { key, provisional: `${plain} ${hex(file.id(key + 1))}`, naming: () => ({ plain, classId }) };
};

const classDump: Describe = (file, { offset: start }, offset) => {
  const { idSize } = file.header;
  if (!file.has(start, 1 + idSize)) return undefined;
  const classId = file.id(start + 1);
  let nameAt: number | undefined;
  readClassTables(file, start, (value) => {
    if (offset >= value.at && offset < value.at + sizeOfType(value.type, idSize)) nameAt = value.nameAt;
  });
  const nameId = nameAt !== undefined && file.has(nameAt, idSize) ? file.id(nameAt) : undefined;
  const plain = 'class';
  return { key: offset, provisional: `${plain} ${hex(classId)}`, naming: () => ({ plain, classId, nameId }) };
};

const TABLE: Readonly<Record<number, Describe>> = {
  [SUB.CLASS_DUMP]: classDump,
  [SUB.INSTANCE_DUMP]: instance,
  [SUB.OBJ_ARRAY_DUMP]: objectArray,
  [SUB.PRIM_ARRAY_DUMP]: primitiveArray,
  [SUB.PRIM_ARRAY_NODATA]: primitiveArray,
};

/** The label of the object at an offset; undefined for GC roots, and where the file is truncated. */
function labelOf(file: HprofFile, sub: SubRecord, offset: number): Label | undefined {
  return TABLE[sub.tag]?.(file, sub, offset);
}

/** A sub-record of a heap dump record. */
interface SubRecord {
  tag: number;
  /** File offset of the tag. */
  offset: number;
  end: number;
}

/** What contains an offset: a sub-record, or a record other than a heap dump (or the head of a heap dump). */
type RecordAt = { record: HprofRecord } | { sub: SubRecord };

/** Damaged offsets reported one by one. */
const MAX_WARNINGS = 16;

/** Locates the record of an offset by a walk from the last checkpoint before it. */
class RecordLocator {
  readonly #file: HprofFile;
  readonly #checkpoints: Checkpoints;
  readonly #damaged = new Set<number>();
  /** End of the last walk: most look-ups are in ascending order of offset. */
  #last: Checkpoint = { offset: 0, heapEnd: 0 };

  constructor(file: HprofFile, checkpoints: Checkpoints) {
    this.#file = file;
    this.#checkpoints = checkpoints;
  }

  /** Undefined if records are damaged. */
  at(offset: number): RecordAt | undefined {
    const start = this.#start(offset);
    let { heapEnd } = start;
    let found: RecordAt | undefined;
    walk(this.#file, this.#checkpoints, start, offset + 1, {
      record: (record) => {
        heapEnd = record.end;
        if (record.end <= offset) return false;
        this.#last = { offset: record.offset, heapEnd: 0 };
        found = { record };
        return offset < record.body || !isHeap(record.tag);
      },
      sub: (tag, from, end) => {
        if (end <= offset) return false;
        this.#last = { offset: from, heapEnd };
        found = { sub: { tag, offset: from, end } };
        return true;
      },
      damaged: (at, end) => {
        found = undefined;
        if (end > 0 && this.#damaged.size < MAX_WARNINGS) this.#damaged.add(at);
      },
    });
    return found;
  }

  #start(offset: number): Checkpoint {
    const checkpoint = this.#checkpoints.before(offset);
    return this.#last.offset > checkpoint.offset && this.#last.offset <= offset ? this.#last : checkpoint;
  }

  warnings(): Warning[] {
    return [...this.#damaged].map((offset) =>
      warnings.of('hprof-damaged', {
        message: `no valid sub-record at offset ${offset} of the heap dump`,
        hint: 'the rest of this record was searched as plain bytes, without classes and fields',
        offset,
      }),
    );
  }
}
