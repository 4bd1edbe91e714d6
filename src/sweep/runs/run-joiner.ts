/** Words of 8 bytes of the shortest run: with fewer, every table of code addresses would be one. */
export const SHORTEST_WORDS = 3;

/** Words of 8 bytes. */
const WORDS = { unit: 8, shortest: SHORTEST_WORDS };

/** A run of words, or of another unit: file offset of the first, and how many. */
export interface JoinedRun {
  offset: number;
  words: number;
}

/** Joins fragments at the bounds of kernel calls, so that any division of a file gives the same runs. */
export class RunJoiner {
  readonly #unit: number;
  readonly #shortest: number;
  #open: JoinedRun | undefined;

  /** `unit` in bytes; `shortest`: units of the shortest run. */
  constructor({ unit, shortest } = WORDS) {
    this.#unit = unit;
    this.#shortest = shortest;
  }

  /** The runs completed by a batch that ends at `to`. Batches come in ascending order. */
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

  /** The last run. */
  *finish(): Generator<JoinedRun> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined && open.words >= this.#shortest) yield open;
  }
}

/**
 * Runs of the entropy net, in words from the range's first byte. A run at an end of a kernel call is a
 * fragment of any length, not tested; {@link RunJoiner} joins adjacent ones. All others have 3 words or more
 * and look random at an end.
 */
export interface Runs {
  /** File offset of the first word. */
  offsets: Float64Array;
  words: Uint32Array;
}
