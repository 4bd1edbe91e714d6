import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { HprofFile } from '../records/file.js';
import { isHeap, readRecord } from '../records/records.js';
import { SUB, sizeOfType, subRecordLength } from '../records/subrecords.js';
import type { Checkpoint } from '../records/walk.js';
import type { IdTable } from './id-table.js';

/** Objects of a heap dump, in file order. Places are indices in `bytes`, which the next call overwrites. */
export interface ObjectVisitor {
  /** Objects of which the others may be left out. */
  readonly wanted?: IdTable;
  /** Classes of instances of which others may be left out; arrays may be left out then, too. */
  readonly classes?: IdTable;
  /** Called first for each object; `offset`: of its sub-record in the file. */
  object?(high: number, low: number, offset: number, heapEnd: number): void;
  /** `head`: index of the sub-record; its data is bytes[data, end), cut if it is longer than the buffer. */
  instance?(bytes: DataView, head: number, data: number, end: number): void;
  /** Elements bytes[start, end) of an array with its head at heads[head]; the first has an even index. */
  elements?(bytes: DataView, heads: DataView, head: number, start: number, end: number, first: number): void;
  /** `at`: file offset of the elements; bytes[data, end) has at least the first {@link AHEAD} of them. */
  primitives?(bytes: DataView, head: number, type: number, at: number, size: number, end: number): void;
  /** A class dump at an offset of the file; the walk ends if it returns true. */
  classDump?(offset: number): boolean;
  /** No valid sub-record at `offset`: the objects up to `end` are unknown. */
  damaged?(offset: number, end: number): void;
}

const BUFFER = 1024 * 1024;
/** Bytes behind the start of a sub-record that are in the buffer, unless the heap ends. */
const AHEAD = 512;
/** Records between two pauses. */
const SOME = 1024;

export const u32 = (bytes: DataView, at: number): number => bytes.getUint32(at);

/** Visits the objects from a checkpoint to the first that starts at or after `until`. */
export function* walkObjects(
  file: HprofFile,
  { offset, heapEnd }: Checkpoint,
  until: number,
  visitor: ObjectVisitor,
): Pausing<never> {
  const walk = new HeapWalk(file, visitor);
  let next = offset;
  if (heapEnd > 0) {
    yield* walk.run(offset, heapEnd, until);
    if (walk.isDone) return;
    next = heapEnd;
  }
  let paused = next;
  for (let count = 1; next < Math.min(until, file.length); count++) {
    const record = readRecord(file, next);
    if (record === undefined) {
      visitor.damaged?.(next, file.length);
      return;
    }
    if (isHeap(record.tag)) yield* walk.run(record.body, record.end, until);
    if (walk.isDone) return;
    next = record.end;
    // A heap is often in records that the buffer has room for, which are walked without a pause.
    if (count % SOME !== 0 && next - paused < BUFFER) continue;
    paused = next;
    yield;
  }
}

/** Walks sub-records through a buffer of 1 MiB; most of a large array that is not wanted is not read. */
class HeapWalk {
  readonly #file: HprofFile;
  readonly #visitor: ObjectVisitor;
  readonly #idSize: number;
  readonly #buffer: Buffer;
  readonly #bytes: DataView;
  /** File offset of the buffer, and bytes in it. */
  #base = 0;
  #filled = 0;
  /** Where the heap ends, in the file and by its record. */
  #stored = 0;
  #end = 0;
  /** The visitor has ended the walk. */
  isDone = false;

  constructor(file: HprofFile, visitor: ObjectVisitor) {
    this.#file = file;
    this.#visitor = visitor;
    this.#idSize = file.header.idSize;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(BUFFER, file.length));
    this.#bytes = new DataView(this.#buffer.buffer);
  }

  /** Sub-records from `from` on, of a heap that ends at `end`. */
  *run(from: number, end: number, until: number): Pausing<never> {
    this.#end = end;
    this.#stored = Math.min(end, this.#file.length);
    const stop = Math.min(this.#stored, until);
    this.#fill(from);
    for (let offset = from; offset < stop; ) {
      if (this.#lacks(offset, AHEAD)) {
        this.#fill(offset);
        yield;
      }
      offset += this.#visitWhole(offset - this.#base, stop - this.#base);
      if (offset >= stop || this.#lacks(offset, AHEAD)) continue;
      const length = this.#step((offset - this.#base) | 0, offset);
      if (length < 0) {
        this.#visitor.damaged?.(offset, end);
        return;
      }
      if (length > this.#buffer.length) yield* this.#long(offset, length);
      if (this.isDone) return;
      offset += length;
    }
  }

  /**
   * Visits objects from index `from` on that are whole in the buffer, and returns their length. It ends
   * before one that is not, and before any other sub-record. This loop takes most of the time, so that it has
   * no calls but those of the visitor.
   */
  #visitWhole(from: number, stop: number): number {
    const { idSize } = this.#file.header;
    const bytes = this.#bytes;
    const visitor = this.#visitor;
    const { wanted, classes } = visitor;
    const lowAt = idSize === 8 ? 5 : 1;
    const filled = this.#filled;
    const last = Math.min(stop, this.#base + filled < this.#stored ? filled - AHEAD : filled - 1 - AHEAD);
    let at = from | 0;
    while (at < last) {
      const tag = bytes.getUint8(at);
      if (tag === SUB.INSTANCE_DUMP) {
        const data = at + 9 + 2 * idSize;
        const end = data + u32(bytes, data - 4);
        if (end > filled) break;
        if (classes !== undefined) {
          if (classes.mayHave(u32(bytes, data - 8))) visitor.instance?.(bytes, at, data, end);
        } else if (wanted === undefined || wanted.mayHave(u32(bytes, at + lowAt))) {
          if (visitor.object !== undefined) this.#visit(at, this.#base + at);
          visitor.instance?.(bytes, at, data, end);
        }
        at = end;
      } else if (tag === SUB.PRIM_ARRAY_DUMP) {
        const data = at + 10 + idSize;
        const type = bytes.getUint8(data - 1);
        const each = sizeOfType(type, 4);
        const end = data + each * u32(bytes, data - 5);
        if (each === 0 || end > filled) break;
        if (wanted === undefined || wanted.mayHave(u32(bytes, at + lowAt))) {
          if (visitor.object !== undefined) this.#visit(at, this.#base + at);
          visitor.primitives?.(bytes, at, type, this.#base + data, end - data, end);
        }
        at = end;
      } else if (tag === SUB.OBJ_ARRAY_DUMP) {
        const data = at + 9 + 2 * idSize;
        const end = data + idSize * u32(bytes, at + 5 + idSize);
        if (end > filled) break;
        if (wanted === undefined || wanted.mayHave(u32(bytes, at + lowAt))) {
          if (visitor.object !== undefined) this.#visit(at, this.#base + at);
          visitor.elements?.(bytes, bytes, at, data, end, 0);
        }
        at = end;
      } else break;
    }
    return at - from;
  }

  /** True if the buffer has fewer bytes from `offset` on than the heap has. */
  #lacks(offset: number, length: number): boolean {
    const filledTo = this.#base + this.#filled;
    return offset < this.#base || (offset + length > filledTo && filledTo < this.#stored);
  }

  #fill(offset: number): void {
    this.#base = offset;
    const length = Math.max(0, Math.min(this.#buffer.length, this.#stored - offset));
    this.#filled = this.#file.reader.read(offset, this.#buffer.subarray(0, length));
  }

  /** Visits the sub-record whose head is at `at`; returns its length, or -1 if it is invalid. */
  #step(at: number, offset: number): number {
    if (at >= this.#filled) return -1;
    const tag = this.#bytes.getUint8(at);
    if (tag === SUB.INSTANCE_DUMP) return this.#instance(at, offset);
    if (tag === SUB.PRIM_ARRAY_DUMP) return this.#primitives(at, offset);
    if (tag === SUB.OBJ_ARRAY_DUMP) return this.#elements(at, offset);
    const length = subRecordLength(this.#file, tag, offset);
    if (tag === SUB.CLASS_DUMP && length > 0) this.isDone = this.#visitor.classDump?.(offset) ?? false;
    return length < 0 || offset + length > this.#end ? -1 : length;
  }

  #visit(at: number, offset: number): void {
    const bytes = this.#bytes;
    if (this.#idSize === 8) this.#visitor.object?.(u32(bytes, at + 1), u32(bytes, at + 5), offset, this.#end);
    else this.#visitor.object?.(0, u32(bytes, at + 1), offset, this.#end);
  }

  /** {id, stack u4, class id, bytes u4, data}. */
  #instance(place: number, offset: number): number {
    const head = 9 + 2 * this.#idSize;
    let at = place;
    if (this.#filled - at < head) return -1;
    const length = head + u32(this.#bytes, at + head - 4);
    if (offset + length > this.#end) return -1;
    this.#visit(at, offset);
    if (this.#visitor.instance === undefined) return length;
    if (this.#lacks(offset, length) && at > 0) {
      this.#fill(offset);
      at = 0;
    }
    this.#visitor.instance(this.#bytes, at, at + head, Math.min(this.#filled, at + length));
    return length;
  }

  /** {id, stack u4, count u4, type u1, elements}. */
  #primitives(at: number, offset: number): number {
    const bytes = this.#bytes;
    const head = 10 + this.#idSize;
    if (this.#filled - at < head) return -1;
    const type = bytes.getUint8(at + head - 1);
    const each = sizeOfType(type, 4);
    const size = each * u32(bytes, at + head - 5);
    if (each === 0 || offset + head + size > this.#end) return -1;
    this.#visit(at, offset);
    this.#visitor.primitives?.(
      bytes,
      at,
      type,
      offset + head,
      size,
      Math.min(this.#filled, at + head + size),
    );
    return head + size;
  }

  /** {id, stack u4, count u4, class id, elements}. */
  #elements(place: number, offset: number): number {
    const head = 9 + 2 * this.#idSize;
    let at = place;
    if (this.#filled - at < head) return -1;
    const length = head + this.#idSize * u32(this.#bytes, at + 5 + this.#idSize);
    if (offset + length > this.#end) return -1;
    this.#visit(at, offset);
    if (this.#visitor.elements === undefined || length > this.#buffer.length) return length;
    if (this.#lacks(offset, length) && at > 0) {
      this.#fill(offset);
      at = 0;
    }
    const end = Math.min(this.#filled, at + length);
    this.#visitor.elements(this.#bytes, this.#bytes, at, at + head, end, 0);
    return length;
  }

  /** The elements of an array that is longer than the buffer, part by part. */
  *#long(offset: number, length: number): Pausing<never> {
    const at = offset - this.#base;
    if (this.#visitor.elements === undefined || this.#bytes.getUint8(at) !== SUB.OBJ_ARRAY_DUMP) return;
    const size = 9 + 2 * this.#idSize;
    const head = new DataView(Uint8Array.from(this.#buffer.subarray(at, at + size)).buffer);
    const part = this.#buffer.length - (this.#buffer.length % (2 * this.#idSize));
    const end = Math.min(this.#stored, offset + length);
    for (let from = offset + size; from < end; from += part) {
      this.#fill(from);
      const there = Math.min(this.#filled, part, end - from);
      this.#visitor.elements(this.#bytes, head, 0, 0, there, (from - offset - size) / this.#idSize);
      yield;
    }
  }
}
