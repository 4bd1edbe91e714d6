import type { Runs } from './types.js';

/** Words of the shortest run: one less, and every table of code addresses would be one. */
const SHORTEST = 3;

/** A run of random-looking words: file offset of the first, and how many. */
export interface JoinedRun {
  offset: number;
  words: number;
}

/** Joins the fragments that the entropy net leaves where a file was cut: any cutting gives the same runs. */
export class RunJoiner {
  #open: JoinedRun | undefined;

  /** The runs that are whole by now, the batch ending at `to`. Batches come ascending. */
  *push({ offsets, words }: Runs, to: number): Generator<JoinedRun> {
    for (const [i, offset] of offsets.entries()) {
      const open = this.#open;
      if (open !== undefined && open.offset + 8 * open.words === offset) {
        open.words += words[i]!;
        continue;
      }
      yield* this.finish();
      this.#open = { offset, words: words[i]! };
    }
    const { offset, words: last } = this.#open ?? { offset: to, words: 0 };
    if (offset + 8 * last < to) yield* this.finish();
  }

  /** The last one. */
  *finish(): Generator<JoinedRun> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined && open.words >= SHORTEST) yield open;
  }
}
