/** A place where a record or sub-record starts. */
export interface Checkpoint {
  offset: number;
  /** Behind the heap dump record that holds the sub-record; 0 for a record. */
  heapEnd: number;
}

/** Bytes of the file for each mark, and the most marks that there are. */
const STEP = 64 * 1024;
const MOST = 2 ** 17;

/**
 * Places to walk from: of each 64 KiB of the file (more where it is longer than 8 GiB) the first place that a
 * walk met, so that finding a place reads little more than that.
 */
export class Checkpoints {
  readonly #start: Checkpoint;
  readonly #step: number;
  /** By step; 0 where there is none. */
  readonly #offsets: Float64Array;
  readonly #heapEnds: Float64Array;

  constructor(start: number, fileLength: number) {
    this.#start = { offset: start, heapEnd: 0 };
    this.#step = Math.max(STEP, Math.ceil(fileLength / MOST));
    const count = Math.floor(fileLength / this.#step) + 1;
    this.#offsets = new Float64Array(count);
    this.#heapEnds = new Float64Array(count);
  }

  /** The last mark at or before an offset; the start of the records for what lies before it. */
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
