import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Checkpoint, Checkpoints } from './records/checkpoints.js';
import type { HprofFile } from './records/file.js';
import { type HprofRecord, isHeap } from './records/records.js';
import { walk } from './records/walk.js';
import { warnings } from './records/warnings.js';

/** A sub-record of a heap dump record. */
export interface SubRecord {
  tag: number;
  /** File offset of the tag. */
  offset: number;
  end: number;
}

/** What contains an offset: a sub-record, or a record other than a heap dump (or the head of a heap dump). */
export type RecordAt = { record: HprofRecord } | { sub: SubRecord };

/** Damaged offsets reported one by one. */
const MAX_WARNINGS = 16;

/** Locates the record of an offset by a walk from the last checkpoint before it. */
export class RecordLocator {
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
