import type { ByteReader } from '../../core/base/bytes/storage.js';
import { type HprofFile, RECORD_HEAD } from '../../formats/hprof/records/file.js';
import { type HprofRecord, TAG } from '../../formats/hprof/records/records.js';
import { readClassTables, SUB } from '../../formats/hprof/records/subrecords.js';
import { OBJECT, sizeOfType } from '../../formats/hprof/records/types.js';
import { readBytes } from '../../formats/memory/read.js';
import { hashedName } from '../core/names.js';
import type { Maker } from '../core/plan.js';
import { readAll } from '../core/planned-reader.js';
import { endOfFields } from './record-fields.js';
import type { SliceVisitor } from './slices.js';
import type { Survey } from './survey.js';

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
export class HeapCopy implements Maker {
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
