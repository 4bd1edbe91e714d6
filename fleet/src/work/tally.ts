import type { Outcome } from '../model/work.js';
import type { WorkCounts, WorkProgress } from './options.js';

/** Milliseconds over which a rate is taken. */
const WINDOW = 60_000;

export const emptyCounts = (): WorkCounts => ({
  scanned: 0,
  known: 0,
  withFindings: 0,
  incomplete: 0,
  crashed: 0,
  dead: 0,
  unreadable: 0,
  replaced: 0,
  bytes: 0,
  seconds: 0,
});

export function sumOf(all: readonly WorkCounts[]): WorkCounts {
  const sum = emptyCounts();
  for (const each of all)
    for (const name of Object.keys(sum) as (keyof WorkCounts)[]) sum[name] += each[name];
  return sum;
}

/** What became of the dumps of a run, and how fast. */
export class Tally {
  readonly counts = emptyCounts();
  readonly #total: { dumps: number; bytes: number };
  #dumps = 0;
  #bytes = 0;
  /** Times, and stored bytes done until then. */
  readonly #samples: { at: number; bytes: number }[] = [{ at: performance.now(), bytes: 0 }];

  /** `total`: dumps and bytes that are to be done; those that were not known before add to them. */
  constructor(total: { dumps: number; bytes: number }) {
    this.#total = { ...total };
  }

  /** `isLast`: the dump is not tried again in this run. */
  add(outcome: Outcome, size: number, isLast: boolean): void {
    const { counts } = this;
    if (outcome.type === 'scanned') {
      const { result } = outcome;
      counts.scanned++;
      if (result.exit === 1) counts.withFindings++;
      if (!result.complete) counts.incomplete++;
      counts.bytes += result.bytes;
      counts.seconds += result.seconds;
    } else counts[outcome.type]++;
    if (!isLast) return;
    this.#dumps++;
    this.#bytes += size;
    this.#sample();
  }

  #sample(): void {
    const at = performance.now();
    const { bytes } = { bytes: this.#bytes };
    // One a second: their number is bounded by the window.
    if (at - this.#samples.at(-1)!.at >= 1000) this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - this.#samples[0]!.at > WINDOW) this.#samples.shift();
  }

  progress(): WorkProgress {
    const first = this.#samples[0]!;
    const seconds = (performance.now() - first.at) / 1000;
    const rate = seconds > 0 ? (this.#bytes - first.bytes) / seconds : 0;
    const bytes = { done: this.#bytes, total: Math.max(this.#bytes, this.#total.bytes) };
    const left = bytes.total - bytes.done;
    return {
      dumps: { done: this.#dumps, total: Math.max(this.#dumps, this.#total.dumps) },
      bytes,
      rate,
      ...(rate > 0 ? { secondsLeft: left / rate } : {}),
      failed: this.counts.crashed + this.counts.unreadable,
    };
  }
}
