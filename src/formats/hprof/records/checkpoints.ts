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
