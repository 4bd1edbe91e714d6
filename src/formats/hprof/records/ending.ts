import type { Unread } from '../../../core/model/report.js';
import { type HprofFile, RECORD_HEAD } from './file.js';
import { type HprofRecord, isHeap, TAG } from './records.js';

/** Records of files without a heap dump: allocation sites, heap summary, samples. */
const PURPOSES: ReadonlySet<number> = new Set([6, 7, 13]);

/**
 * Whether the records of a heap dump come to their end: none goes on behind the end of the file, there is a
 * heap, and one in segments ends with HPROF_HEAP_DUMP_END.
 */
export class Ending {
  readonly #file: HprofFile;
  /** End of the records seen. */
  #end = 0;
  #hasPurpose = false;
  #inSegments = false;
  #cutAt: number | undefined;

  constructor(file: HprofFile) {
    this.#file = file;
  }

  add({ tag, end }: HprofRecord): void {
    this.#end = Math.max(this.#end, end);
    this.#hasPurpose ||= isHeap(tag) || PURPOSES.has(tag);
    if (tag === TAG.HEAP_DUMP_SEGMENT) this.#inSegments = true;
    else if (tag === TAG.HEAP_DUMP_END) this.#inSegments = false;
  }

  /** No record starts where one should. */
  damaged(offset: number): void {
    if (this.#file.length - offset < RECORD_HEAD) this.#cutAt = offset;
  }

  /** `all`: the records were read to the end, or to a damaged one. */
  lacking(all: boolean): Unread[] {
    const { length } = this.#file;
    if (this.#end > length) {
      const reason = `the heap dump is cut: its last record should end at byte ${this.#end}`;
      return [{ offset: length, length: this.#end - length, reason }];
    }
    const isOpen = all && (this.#inSegments || !this.#hasPurpose) && !this.#endsInRecord();
    if (!isOpen && this.#cutAt === undefined) return [];
    const reason = 'the heap dump is cut: its records do not come to their end';
    return [{ offset: this.#cutAt ?? length, length: null, reason }];
  }

  /** True if the last bytes are the record that ends a heap dump, whatever is damaged before it. */
  #endsInRecord(): boolean {
    const at = this.#file.length - RECORD_HEAD;
    if (!this.#file.has(at, RECORD_HEAD)) return false;
    return this.#file.u8(at) === TAG.HEAP_DUMP_END && this.#file.u32(at + 5) === 0;
  }
}
