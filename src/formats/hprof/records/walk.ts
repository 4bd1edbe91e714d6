import { finish, type Pausing } from '../../../core/base/runtime/turns.js';
import type { BufferedRecord, HprofFile } from './file.js';
import { type HprofRecord, isHeap, readRecord } from './records.js';
import { subRecordLength } from './subrecords.js';

/** Callbacks of a walk. One that returns true ends the walk. */
export interface Visitor {
  /** Tag of short records in long series: the walk may skip them without a call of {@link record}. */
  readonly skipTag?: number;
  /** Called with the number of records skipped at once. */
  skipped?(count: number): boolean;
  /** Called for each skipped record. */
  skipping?: BufferedRecord;
  /** Called for each record, before its sub-records. */
  record?(record: HprofRecord): boolean | undefined;
  /**
   * Called for each sub-record. Its fields may not be buffered, and `end` may be past the end of the file.
   */
  sub?(tag: number, offset: number, end: number): boolean | undefined;
  /** Called at an offset where a record (`heapEnd` 0) or sub-record should start and none does. */
  damaged?(offset: number, heapEnd: number): void;
}

/** Bytes between checkpoints that are offered to the index. */
const CHECKPOINT_EVERY = 32 * 1024;

/** Bytes of records between two pauses. */
const SLICE = 2 ** 22;

/** Walks all records in file order, without sub-records, and with pauses. */
export function* walkRecords(
  file: HprofFile,
  checkpoints: Checkpoints,
  visitor: Omit<Visitor, 'sub'>,
): Pausing<never> {
  yield* walkInTurns(file, checkpoints, checkpoints.before(0), file.length, visitor);
}

/** {@link walkInTurns} without pauses. */
export function walk(...args: Parameters<typeof walkInTurns>): void {
  finish(walkInTurns(...args));
}

/**
 * Walks records in file order, from a checkpoint to the first that starts at or after `until`. Sub-records
 * are walked only if the visitor has a callback for them. Every step advances, so no file causes an endless
 * loop.
 */
export function* walkInTurns(
  file: HprofFile,
  checkpoints: Checkpoints,
  from: Checkpoint,
  until: number,
  visitor: Visitor,
): Pausing<never> {
  const end = Math.min(until, file.length);
  let next = from.offset;
  if (from.heapEnd > 0) {
    if (yield* walkHeap(file, checkpoints, from, end, visitor)) return;
    next = from.heapEnd;
  }
  let lastCheckpoint = next;
  let paused = next;
  while (next < end) {
    if (visitor.skipTag !== undefined) {
      const skipped = file.skipRecords(
        visitor.skipTag,
        next,
        Math.min(end, lastCheckpoint + CHECKPOINT_EVERY),
        visitor.skipping,
      );
      next = skipped.next;
      if (visitor.skipped?.(skipped.count) || next >= end) return;
    }
    const record = readRecord(file, next);
    if (record === undefined) {
      visitor.damaged?.(next, 0);
      return;
    }
    if (visitor.record?.(record)) return;
    if (record.offset - lastCheckpoint >= CHECKPOINT_EVERY) {
      checkpoints.add(record.offset, 0);
      lastCheckpoint = record.offset;
    }
    if (isHeap(record.tag) && visitor.sub !== undefined) {
      const inside = { offset: record.body, heapEnd: record.end };
      if (yield* walkHeap(file, checkpoints, inside, end, visitor)) return;
    }
    next = record.end;
    if (next - paused < SLICE) continue;
    paused = next;
    yield;
  }
}

/** Walks sub-records of one heap dump from a checkpoint; true if the visitor has ended the walk. */
function* walkHeap(
  file: HprofFile,
  checkpoints: Checkpoints,
  { offset, heapEnd }: Checkpoint,
  until: number,
  visitor: Visitor,
): Pausing<never, boolean> {
  const end = Math.min(heapEnd, until);
  let next = offset;
  let lastCheckpoint = next;
  let paused = next;
  while (next < end) {
    const tag = file.has(next, 1) ? file.u8(next) : 0;
    const length = subRecordLength(file, tag, next);
    if (length < 0 || next + length > heapEnd) {
      visitor.damaged?.(next, heapEnd);
      return false;
    }
    if (visitor.sub!(tag, next, next + length)) return true;
    if (next - lastCheckpoint >= CHECKPOINT_EVERY) {
      checkpoints.add(next, heapEnd);
      lastCheckpoint = next;
    }
    next += length;
    if (next - paused < SLICE) continue;
    paused = next;
    yield;
  }
  return false;
}

/** Start of a record or sub-record, from which a walk can begin. */
export interface Checkpoint {
  offset: number;
  /** End of the heap dump record that contains the sub-record; 0 for a record. */
  heapEnd: number;
}

/** Bytes of the file per checkpoint, at least. */
const MIN_STEP = 64 * 1024;
const MAX_CHECKPOINTS = 2 ** 17;

/**
 * A sparse index of records and sub-records: for each 64 KiB of the file (more above 8 GiB) the first one
 * that a walk has reached. Locating an offset then takes a walk over little more than that.
 */
export class Checkpoints {
  readonly #start: Checkpoint;
  readonly #step: number;
  /** Offsets by step; 0 if there is none. */
  readonly #offsets: Float64Array;
  readonly #heapEnds: Float64Array;

  constructor(start: number, fileLength: number) {
    this.#start = { offset: start, heapEnd: 0 };
    this.#step = Math.max(MIN_STEP, Math.ceil(fileLength / MAX_CHECKPOINTS));
    const count = Math.floor(fileLength / this.#step) + 1;
    this.#offsets = new Float64Array(count);
    this.#heapEnds = new Float64Array(count);
  }

  /** The last checkpoint at or before an offset; without one, the start of the records. */
  before(offset: number): Checkpoint {
    for (let index = Math.floor(offset / this.#step); index >= 0; index--) {
      const at = this.#offsets[index] ?? 0;
      if (at > 0 && at <= offset) return { offset: at, heapEnd: this.#heapEnds[index]! };
    }
    return this.#start;
  }

  add(offset: number, heapEnd: number): void {
    const index = Math.floor(offset / this.#step);
    if (this.#offsets[index] !== 0) return;
    this.#offsets[index] = offset;
    this.#heapEnds[index] = heapEnd;
  }
}
