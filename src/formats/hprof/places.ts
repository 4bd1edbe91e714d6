import type { Warning } from '../../base/runtime/warnings.js';
import type { HprofFile } from './file.js';
import type { Mark, Marks } from './marks.js';
import { type HprofRecord, isHeap } from './records.js';
import { walk } from './walk.js';
import { warnings } from './warnings.js';

/** A sub-record of a heap dump. */
export interface SubRecord {
  tag: number;
  /** File offset of the tag. */
  offset: number;
  end: number;
}

/** What an offset lies in: a sub-record, or a record that is no heap dump (or the head of one). */
export type Place = { record: HprofRecord } | { sub: SubRecord };

/** Damaged places that are told one by one. */
const MAX_WARNINGS = 16;

/** Finds the record of an offset by a walk from the last mark before it. */
export class Places {
  readonly #file: HprofFile;
  readonly #marks: Marks;
  readonly #damaged = new Set<number>();
  /** Where the last walk ended: places are mostly asked for in the order of the file. */
  #last: Mark = { offset: 0, heapEnd: 0 };

  constructor(file: HprofFile, marks: Marks) {
    this.#file = file;
    this.#marks = marks;
  }

  /** Undefined where records are damaged. */
  at(offset: number): Place | undefined {
    const start = this.#start(offset);
    let { heapEnd } = start;
    let found: Place | undefined;
    walk(this.#file, this.#marks, start, offset + 1, {
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
      lost: (at, end) => {
        found = undefined;
        if (end > 0 && this.#damaged.size < MAX_WARNINGS) this.#damaged.add(at);
      },
    });
    return found;
  }

  #start(offset: number): Mark {
    const mark = this.#marks.before(offset);
    return this.#last.offset > mark.offset && this.#last.offset <= offset ? this.#last : mark;
  }

  warnings(): Warning[] {
    return [...this.#damaged].map((offset) =>
      warnings.of('hprof-damaged', {
        message: `no sub-record starts at offset ${offset} of the heap dump, where one should`,
        hint: 'from there to the end of this record all was searched as plain bytes, without classes and fields',
        offset,
      }),
    );
  }
}
