import type { Run } from './types.js';

/** Runs that are kept, at 12 bytes each: those of 20 GB of dense files. */
const MOST_RUNS = 1 << 21;

/** Marks the words of a run: no run has so many. */
const BODY = 2 ** 31;

/** Runs in columns of shared memory: plain data for any thread. */
export interface RunColumns {
  length: number;
  offsets: Float64Array<SharedArrayBuffer>;
  words: Uint32Array<SharedArrayBuffer>;
}

const columnsFor = (room: number): Omit<RunColumns, 'length'> => ({
  offsets: new Float64Array(new SharedArrayBuffer(room * 8)),
  words: new Uint32Array(new SharedArrayBuffer(room * 4)),
});

/** The runs of an artifact, for searches that come back to them. */
export class RunList {
  #columns: RunColumns;

  constructor(columns: RunColumns = { length: 0, ...columnsFor(1024) }) {
    this.#columns = columns;
  }

  /** What is pushed later does not belong to them. */
  get columns(): RunColumns {
    return { ...this.#columns };
  }

  /** False where there is no room for more. `body`: no number was looked for in it (src/noise/extractor.ts, `begins`). */
  push({ offset, words }: Run, body = false): boolean {
    const { length } = this.#columns;
    if (length === MOST_RUNS) return false;
    if (length === this.#columns.offsets.length) {
      const grown = columnsFor(length * 2);
      grown.offsets.set(this.#columns.offsets);
      grown.words.set(this.#columns.words);
      this.#columns = { length, ...grown };
    }
    this.#columns.offsets[length] = offset;
    this.#columns.words[length] = Math.min(words, BODY - 1) + (body ? BODY : 0);
    this.#columns.length++;
    return true;
  }

  /** Those in which a number may stand. */
  *[Symbol.iterator](): Generator<Run> {
    const { length, offsets, words } = this.#columns;
    for (let i = 0; i < length; i++) if (words[i]! < BODY) yield { offset: offsets[i]!, words: words[i]! };
  }

  /** All of them. */
  *all(): Generator<Run> {
    const { length, offsets, words } = this.#columns;
    for (let i = 0; i < length; i++) yield { offset: offsets[i]!, words: words[i]! % BODY };
  }
}
