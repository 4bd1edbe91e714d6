/** A place where a record or sub-record starts. */
export interface Mark {
  offset: number;
  /** Behind the heap dump record that holds the sub-record; 0 for a record. */
  heapEnd: number;
}

/** Bytes between two marks. */
const STEP = 1024 * 1024;

/** Places to walk from, about one a MiB, so that finding a place reads no more than that. */
export class Marks {
  readonly #marks: Mark[];

  constructor(start: number) {
    this.#marks = [{ offset: start, heapEnd: 0 }];
  }

  /** The last mark at or before an offset; the first one for what lies before it. */
  before(offset: number): Mark {
    return this.#marks[Math.max(0, this.#indexBefore(offset))]!;
  }

  /** Keeps a place, unless there is one less than a step before it. */
  add(offset: number, heapEnd: number): void {
    const index = this.#indexBefore(offset);
    const last = this.#marks[index];
    if (last === undefined || offset - last.offset < STEP) return;
    this.#marks.splice(index + 1, 0, { offset, heapEnd });
  }

  #indexBefore(offset: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#marks[middle]!.offset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
