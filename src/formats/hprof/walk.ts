import type { Checkpoint, Checkpoints } from './checkpoints.js';
import type { HprofFile } from './file.js';
import { type HprofRecord, isHeap, readRecord } from './records.js';
import { subRecordLength } from './subrecords.js';

/** What a walk tells. A visitor that returns true ends the walk. */
export interface Visitor {
  /**
   * A tag of short records of which many follow one another, and how many were passed over at once: {@link
   * record} need not be told of them.
   */
  readonly skipTag?: number;
  skipped?(count: number): boolean;
  /** Each record before it is gone into. */
  record?(record: HprofRecord): boolean | undefined;
  /**
   * Each sub-record of a heap dump, whose fields need not be at hand; `end` may lie beyond the end of the
   * file.
   */
  sub?(tag: number, offset: number, end: number): boolean | undefined;
  /** A place where no record (`heapEnd` 0) or sub-record starts, although one should. */
  damaged?(offset: number, heapEnd: number): void;
}

/** How often a mark is thought of. */
const CHECKPOINT_EVERY = 32 * 1024;

/**
 * Walks records from a mark on to the first that starts at or behind `until`, in the order of the file.
 * Sub-records are walked only where the visitor wants them. Every step goes forward, so that no file makes it
 * loop.
 */
export function walk(
  file: HprofFile,
  checkpoints: Checkpoints,
  from: Checkpoint,
  until: number,
  visitor: Visitor,
): void {
  const end = Math.min(until, file.length);
  let next = from.offset;
  if (from.heapEnd > 0) {
    if (walkHeap(file, checkpoints, from, end, visitor)) return;
    next = from.heapEnd;
  }
  let marked = next;
  while (next < end) {
    if (visitor.skipTag !== undefined) {
      const passed = file.skipRecords(visitor.skipTag, next, Math.min(end, marked + CHECKPOINT_EVERY));
      next = passed.next;
      if (visitor.skipped?.(passed.count) || next >= end) return;
    }
    const record = readRecord(file, next);
    if (record === undefined) {
      visitor.damaged?.(next, 0);
      return;
    }
    if (visitor.record?.(record)) return;
    if (record.offset - marked >= CHECKPOINT_EVERY) {
      checkpoints.add(record.offset, 0);
      marked = record.offset;
    }
    if (isHeap(record.tag) && visitor.sub !== undefined) {
      const inside = { offset: record.body, heapEnd: record.end };
      if (walkHeap(file, checkpoints, inside, end, visitor)) return;
    }
    next = record.end;
  }
}

/** Sub-records of one heap dump from a mark on; true where the visitor has ended the walk. */
function walkHeap(
  file: HprofFile,
  checkpoints: Checkpoints,
  { offset, heapEnd }: Checkpoint,
  until: number,
  visitor: Visitor,
): boolean {
  const end = Math.min(heapEnd, until);
  let next = offset;
  let marked = next;
  while (next < end) {
    const tag = file.has(next, 1) ? file.u8(next) : 0;
    const length = subRecordLength(file, tag, next);
    if (length < 0 || next + length > heapEnd) {
      visitor.damaged?.(next, heapEnd);
      return false;
    }
    if (visitor.sub!(tag, next, next + length)) return true;
    if (next - marked >= CHECKPOINT_EVERY) {
      checkpoints.add(next, heapEnd);
      marked = next;
    }
    next += length;
  }
  return false;
}
