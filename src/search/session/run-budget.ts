import type { Takers } from '../../sweep/runs/records.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { Run } from '../core/types.js';

/**
 * Runs that `--effort quick` takes: the first, then one for each stretch of the file. Each costs about 6 us
 * of the main thread, at most a second per GB. Sweep and extraction cost the same at every level. Ordinary
 * dumps have 1,000 to 10,000 runs per GB.
 */
const FIRST = 32_768;
const BYTES_EACH = 8192;

/** Lets the runs of a file pass at a bounded density, so that no part of it is left out as a whole. */
export class RunBudget {
  readonly #first: number;
  readonly #skippedWork: SkippedWork;
  /** Some were left out. */
  isCut = false;
  #taken = 0;
  /** Runs left out since the last report, and the file offsets that they lie between. */
  #left = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(skippedWork: SkippedWork, scale = 1) {
    this.#first = Math.floor(FIRST * scale);
    this.#skippedWork = skippedWork;
  }

  /** False if too many were taken before it. */
  take({ offset, words }: Run): boolean {
    if (this.#taken < this.#first + offset / BYTES_EACH) {
      this.#taken++;
      return true;
    }
    this.isCut = true;
    this.#left++;
    this.#from = Math.min(this.#from, offset);
    this.#to = Math.max(this.#to, offset + words * 8);
    return false;
  }

  /** Reports what was left out, once: there may be millions. No run was ranked, so each may be likely. */
  report(): void {
    const left = this.#left;
    const what = 'runs of random-looking words were not searched for keys';
    this.#skippedWork.add('runs', { target: 'any', left, likely: left }, what, this.#from, this.#to);
    this.#left = 0;
  }

  /** The handlers, which get the records of the runs that pass. */
  over(takers: Takers): Takers {
    let passes = true;
    const rationed = Object.entries(takers).map(([kind, take]) => [
      kind,
      (record: never) => {
        if (passes) (take as (record: never) => void)(record);
      },
    ]);
    return {
      ...(Object.fromEntries(rationed) as Takers),
      run: (offset, words, body, kept) => {
        passes = this.take({ offset, words });
        if (passes) takers.run(offset, words, body, kept);
      },
    };
  }
}
