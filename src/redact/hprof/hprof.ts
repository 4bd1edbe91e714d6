import type { ByteReader } from '../../core/base/bytes/storage.js';
import { Classes } from '../../formats/hprof/records/classes.js';
import { HprofFile, type Id, RECORD_HEAD, readHeader } from '../../formats/hprof/records/file.js';
import { type HprofRecord, TAG } from '../../formats/hprof/records/records.js';
import { OBJECT, readClassTables, SUB, sizeOfType } from '../../formats/hprof/records/subrecords.js';
import { readSummary } from '../../formats/hprof/records/summary.js';
import { type Checkpoints, walk } from '../../formats/hprof/records/walk.js';
import { readBytes } from '../../formats/memory/read.js';
import { hashedName } from '../core/names.js';
import type { Maker } from '../core/plan.js';
import { readAll } from '../core/planned-reader.js';
import type { HeapFacts, PlanFacts, PlanRequest } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { eachName, endOfFields } from './record-fields.js';
import { type SliceVisitor, SliceWalk } from './slices.js';

const HEAD = 64;

/** Plans a copy of the heap dump of a JVM or of Android's runtime: the graph of objects without values. */
export async function planHprof({ reader, plan, hashNames, pause }: PlanRequest): Promise<PlanFacts> {
  const header = readHeader(readBytes(reader, 0, HEAD));
  if (header === undefined) throw refusals.heapHeader();
  const survey = await Survey.of(new HprofFile(reader, header), pause);
  plan.make({ offset: 0, length: reader.length }, new HeapCopy(reader, survey, hashNames));
  return {
    word: header.idSize,
    threads: survey.threads,
    withoutStack: 0,
    modules: 0,
    memory: { described: Math.max(survey.end, reader.length), present: reader.length, missing: [] },
    heap: survey.heap,
  };
}

/** Bytes made at once. */
const CHUNK = 2 ** 20;
/** Bytes up to which a loop is faster than a view of the array. */
const SHORT = 64;

/** GC roots and marks, by tag: identifiers and numbers of threads, frames and heaps. */
const ROOTS = [1, 2, 3, 4, 5, 6, 7, 8, 137, 138, 139, 140, 141, 142, 144, 254, 255];

/**
 * The copy of an HPROF file: records, references and names stay; elements of primitive arrays, primitive
 * values of fields and other texts do not.
 */
class HeapCopy implements Maker {
  readonly #reader: ByteReader;
  readonly #file: HprofFile;
  readonly #survey: Survey;
  readonly #hashNames: boolean;
  readonly #source: Uint8Array;
  /** Where the copy goes, and the offsets in the file of its start and end. */
  #target: Uint8Array;
  #from = 0;
  #to = 0;
  #kept = 0;

  constructor(reader: ByteReader, survey: Survey, hashNames: boolean) {
    this.#reader = reader;
    this.#source = new Uint8Array(Math.min(CHUNK, reader.length));
    this.#target = this.#source;
    this.#file = survey.file;
    this.#survey = survey;
    this.#hashNames = hashNames;
  }

  make(offset: number, target: Uint8Array): number {
    this.#kept = 0;
    for (let done = 0; done < target.length; done += CHUNK) {
      this.#target = target.subarray(done, done + CHUNK);
      this.#from = offset + done;
      this.#to = this.#from + this.#target.length;
      readAll(this.#reader, this.#from, this.#source.subarray(0, this.#target.length));
      this.#keep(0, this.#file.header.length);
      this.#survey.walk.slice(this.#from, this.#to, this.#visitor);
    }
    return this.#kept;
  }

  readonly #visitor: SliceVisitor = {
    record: (record) => {
      if (record.end <= this.#from) return;
      this.#keep(record.offset, record.offset + RECORD_HEAD);
      this.#keep(record.body, endOfFields(this.#file, record));
      if (record.tag === TAG.UTF8) this.#text(record);
    },
    sub: (tag, offset, end) => {
      if (end > this.#from) this.#subs[tag]?.(offset, end);
    },
  };

  /** Copies the part of a range of the file that is asked for. */
  #keep(start: number, end: number): void {
    const from = Math.max(start, this.#from) - this.#from;
    const to = Math.min(end, this.#to) - this.#from;
    if (from >= to) return;
    const source = this.#source;
    const target = this.#target;
    if (to - from > SHORT) target.set(source.subarray(from, to), from);
    else for (let at = from; at < to; at++) target[at] = source[at]!;
    this.#kept += to - from;
  }

  #text({ body, end }: HprofRecord): void {
    const file = this.#file;
    const start = body + file.header.idSize;
    if (start >= end || end > file.length || !file.has(body, file.header.idSize)) return;
    const id = file.id(body);
    if (!this.#survey.isName(id, end - start)) return;
    this.#keep(start, end);
    if (!this.#hashNames || !this.#survey.isFileName(id)) return;
    const hashed = hashedName(readBytes(this.#reader, start, end - start));
    for (let at = Math.max(start, this.#from); at < Math.min(end, this.#to); at++)
      this.#target[at - this.#from] = hashed[at - start]!;
  }

  readonly #instance = (offset: number, end: number): void => {
    const { idSize } = this.#file.header;
    const data = offset + 9 + 2 * idSize;
    this.#keep(offset, data);
    const { size, references } = this.#survey.classes.layout(this.#file.id(offset + 5 + idSize));
    // Of another length than the fields of its class: which bytes are references is not known.
    if (size !== end - data) return;
    for (let index = 0; index < references.length; index++) {
      const at = data + references[index]!;
      this.#keep(at, at + idSize);
    }
  };

  /** All but two reserved identifiers and primitive values of constants and static fields. */
  readonly #class = (offset: number, end: number): void => {
    const { idSize } = this.#file.header;
    this.#keep(offset, offset + 5 + 5 * idSize);
    let kept = offset + 5 + 7 * idSize;
    readClassTables(this.#file, offset, ({ type, at }) => {
      if (type === OBJECT) return;
      this.#keep(kept, at);
      kept = at + sizeOfType(type, idSize);
    });
    this.#keep(kept, end);
  };

  readonly #primitiveArray = (offset: number): void => {
    this.#keep(offset, offset + 10 + this.#file.header.idSize);
  };

  readonly #whole = (offset: number, end: number): void => this.#keep(offset, end);

  readonly #subs: Readonly<Record<number, (offset: number, end: number) => void>> = {
    ...Object.fromEntries(ROOTS.map((tag) => [tag, this.#whole])),
    [SUB.CLASS_DUMP]: this.#class,
    [SUB.INSTANCE_DUMP]: this.#instance,
    [SUB.OBJ_ARRAY_DUMP]: this.#whole,
    [SUB.PRIM_ARRAY_DUMP]: this.#primitiveArray,
    [SUB.PRIM_ARRAY_NODATA]: this.#primitiveArray,
  };
}

/** Bytes between pauses. */
const SLICE = 2 ** 24;
/** Names of classes, fields, methods and files; an application server has 500,000. */
const MAX_NAMES = 2 ** 21;
/** HEAP_DUMP_INFO of Android: heap u4, name id. */
const HEAP_DUMP_INFO = 0xfe;
/** Length of the longest name in a class file (JVMS, 4.4.7), in bytes. */
const LONGEST_NAME = 65_535;

const OBJECTS: ReadonlySet<number> = new Set([
  SUB.INSTANCE_DUMP,
  SUB.OBJ_ARRAY_DUMP,
  SUB.PRIM_ARRAY_DUMP,
  SUB.PRIM_ARRAY_NODATA,
]);

/** What must be known of a whole file before its first byte is copied. */
class Survey {
  readonly file: HprofFile;
  readonly classes: Classes;
  readonly walk: SliceWalk;
  readonly heap: HeapFacts = { objects: 0, texts: 0, filledTexts: 0, damaged: 0 };
  readonly threads: number;
  /** End of the last record, past the end of the file if that is truncated. */
  end = 0;
  readonly #checkpoints: Checkpoints;
  readonly #names = new Set<Id>();
  readonly #files = new Set<Id>();

  private constructor(file: HprofFile) {
    const { checkpoints, threads } = readSummary(file);
    this.file = file;
    this.#checkpoints = checkpoints;
    this.classes = new Classes(file);
    this.walk = new SliceWalk(file, checkpoints);
    this.threads = threads.threads ?? 0;
  }

  static async of(file: HprofFile, pause: () => Promise<void>): Promise<Survey> {
    const survey = new Survey(file);
    for (let from = 0; from < file.length; from += SLICE) {
      survey.#slice(from, from + SLICE);
      await pause();
    }
    survey.#countTexts();
    return survey;
  }

  /** True if the text of an HPROF_UTF8 record is a name: of a class, field, method, file, thread or heap. */
  isName(id: Id, length: number): boolean {
    return length <= LONGEST_NAME && this.#names.has(id);
  }

  /** True if a name is that of a source file. */
  isFileName(id: Id): boolean {
    return this.#files.has(id);
  }

  #slice(from: number, to: number): void {
    const { file, heap } = this;
    const { idSize } = file.header;
    this.walk.slice(from, to, {
      record: (record) => {
        if (record.offset < from) return;
        this.end = record.end;
        eachName(file, record, (id, isFile) => {
          this.#add(id);
          if (isFile) this.#files.add(id);
        });
      },
      sub: (tag, offset, end) => {
        if (offset < from) return;
        if (OBJECTS.has(tag)) heap.objects++;
        else if (tag === SUB.CLASS_DUMP) this.#addClass(offset);
        else if (tag === HEAP_DUMP_INFO && file.has(end - idSize, idSize)) this.#add(file.id(end - idSize));
      },
      damaged: (offset, end) => {
        if (offset >= from) heap.damaged += Math.min(end, file.length) - offset;
      },
    });
  }

  #addClass(offset: number): void {
    const { file } = this;
    const { idSize } = file.header;
    this.classes.add(offset);
    const tables = readClassTables(file, offset, ({ nameAt }) => {
      if (nameAt !== undefined && file.has(nameAt, idSize)) this.#add(file.id(nameAt));
    });
    for (let index = 0; index < (tables?.count ?? 0); index++) {
      const at = tables!.fields + index * (idSize + 1);
      if (file.has(at, idSize)) this.#add(file.id(at));
    }
  }

  #add(name: Id): void {
    if (this.#names.size >= MAX_NAMES) throw refusals.tooLarge();
    this.#names.add(name);
  }

  /** Texts come before what refers to them, so that they are counted in a walk of their own. */
  #countTexts(): void {
    const { file, heap } = this;
    const { idSize, length } = file.header;
    walk(file, this.#checkpoints, { offset: length, heapEnd: 0 }, file.length, {
      record: ({ tag, body, end }) => {
        if (tag !== TAG.UTF8) return false;
        heap.texts++;
        const isRead = file.has(body, idSize);
        if (!isRead || !this.isName(file.id(body), end - body - idSize)) heap.filledTexts++;
        return false;
      },
    });
  }
}
