import type { Task } from './sweep-task.js';
import type { Feed } from './types.js';
import { TASK } from './worker-prestart.js';

/**
 * Bytes of a stream that must have arrived beyond the end of a task: more than the longest pattern
 * and than the largest window around a hit (1 MiB).
 */
const STREAM_MARGIN = 1.25 * 2 ** 20;

/** Tasks under way for each thread: the one being swept and the next. */
const AHEAD = 2;
/**
 * Tasks under way while hits are few, for each thread and in total. The
 * consumer may spend 10 ms on one hit, in which a worker sweeps several tasks.
 * With many hits a batch takes megabytes, so then {@link AHEAD} applies.
 */
const FAR_AHEAD = { each: 8, all: 64 };

/** Number of tasks under way for `jobs` threads. */
export const aheadFor = (jobs: number, fewHits: boolean): number =>
  Math.max(AHEAD * jobs, fewHits ? Math.min(FAR_AHEAD.each * jobs, FAR_AHEAD.all) : 0);

export interface SweepRange {
  from: number;
  to: number;
}

/** What the tasks of a range have in common. */
type TaskOptions = Omit<Task, 'from' | 'to' | 'chunk'>;

/**
 * Splits a range into tasks, in file order. Cuts depend on
 * the range alone: batches are the same for any `jobs`.
 */
export class RangeTasks {
  #at: number;
  readonly #to: number;
  readonly #size: number;
  readonly #chunk: number;
  readonly #options: TaskOptions;
  readonly #feed: Feed | undefined;

  constructor({ from, to }: SweepRange, chunk: number, options: TaskOptions, feed?: Feed) {
    this.#at = from;
    this.#to = to;
    this.#size = Math.max(1, Math.floor(TASK / chunk)) * chunk;
    this.#chunk = chunk;
    this.#options = options;
    this.#feed = feed;
  }

  /** Bytes of the stream that must have arrived before the next task. */
  get #needed(): number {
    return this.#at + this.#size + STREAM_MARGIN;
  }

  /** The next task, if its bytes have arrived. */
  next(): Task | undefined {
    const { ended = true, written = this.#to } = this.#feed ?? {};
    if (!ended && written < this.#needed) return undefined;
    const to = ended ? Math.min(this.#to, written) : this.#to;
    if (this.#at >= to) return undefined;
    const from = this.#at;
    this.#at += this.#size;
    return { from, to: Math.min(to, this.#at), chunk: this.#chunk, ...this.#options };
  }

  /** Waits until {@link next} has a task; false if there are no more. */
  async more(signal: AbortSignal | undefined): Promise<boolean> {
    const feed = this.#feed;
    if (feed === undefined) return this.#at < this.#to;
    await feed.until(this.#needed, signal);
    return this.#at < feed.written;
  }
}
