import type { Runs } from './types.js';

/** Random-looking words: fewer than three, and every table of code addresses would be a run. */
const WORDS = { unit: 8, shortest: 3 };

/** A run of words, or of what its joiner joins: file offset of the first, and how many. */
export interface JoinedRun {
  offset: number;
  words: number;
}

/** Joins the fragments that the entropy net leaves where a file was cut: any cutting gives the same runs. */
export class RunJoiner {
  readonly #unit: number;
  readonly #shortest: number;
  #open: JoinedRun | undefined;

  /** `unit`: bytes of one of them; `shortest`: so many are a run. */
  constructor({ unit, shortest } = WORDS) {
    this.#unit = unit;
    this.#shortest = shortest;
  }

  /** The runs that are whole by now, the batch ending at `to`. Batches come ascending. */
  *push({ offsets, words }: Runs, to: number): Generator<JoinedRun> {
    for (const [i, offset] of offsets.entries()) {
      const open = this.#open;
      if (open !== undefined && open.offset + this.#unit * open.words === offset) {
        open.words += words[i]!;
        continue;
      }
      yield* this.finish();
      this.#open = { offset, words: words[i]! };
    }
    const { offset, words: last } = this.#open ?? { offset: to, words: 0 };
    if (offset + this.#unit * last < to) yield* this.finish();
  }

  /** The last one. */
  *finish(): Generator<JoinedRun> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined && open.words >= this.#shortest) yield open;
  }
}
