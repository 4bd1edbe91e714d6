import type { HprofFile } from '../../formats/hprof/records/file.js';
import { type HprofRecord, isHeap } from '../../formats/hprof/records/records.js';
import { type Checkpoints, walk } from '../../formats/hprof/records/walk.js';

/** Callbacks of a walk over a slice. */
export interface SliceVisitor {
  record(record: HprofRecord): void;
  sub(tag: number, offset: number, end: number): void;
  /** No record or sub-record begins at `offset`; nothing is known of the bytes up to `end`. */
  damaged?(offset: number, end: number): void;
}

/**
 * Walks a file in slices: all records and sub-records that have a byte in one, and some before them. A slice
 * that begins where the last one ended needs no search for the start of its first record.
 */
export class SliceWalk {
  readonly #file: HprofFile;
  readonly #checkpoints: Checkpoints;
  /** The last record (`heapEnd` 0) or sub-record of the last slice. */
  #offset = 0;
  #heapEnd = 0;

  constructor(file: HprofFile, checkpoints: Checkpoints) {
    this.#file = file;
    this.#checkpoints = checkpoints;
  }

  slice(from: number, to: number, visitor: SliceVisitor): void {
    const before = this.#checkpoints.before(from);
    const isNearer = this.#offset > before.offset && this.#offset <= from;
    const start = isNearer ? { offset: this.#offset, heapEnd: this.#heapEnd } : before;
    let heapEnd = start.heapEnd;
    walk(this.#file, this.#checkpoints, start, to, {
      record: (record) => {
        heapEnd = isHeap(record.tag) ? record.end : 0;
        this.#offset = record.offset;
        this.#heapEnd = 0;
        visitor.record(record);
        return false;
      },
      sub: (tag, offset, end) => {
        this.#offset = offset;
        this.#heapEnd = heapEnd;
        visitor.sub(tag, offset, end);
        return false;
      },
      damaged: (offset, end) => visitor.damaged?.(offset, end === 0 ? this.#file.length : end),
    });
  }
}
