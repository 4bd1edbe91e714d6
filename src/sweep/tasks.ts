import type { Task } from './task.js';
import type { Feed } from './types.js';
import { TASK } from './worker-prestart.js';

/** Bytes that must have come behind a task of a stream: more than the longest pattern, and than the longest window (1 MiB) that its hits are looked at in. */
const AHEAD_OF_FEED = 1.25 * 2 ** 20;

/** Tasks under way for each thread: one that it sweeps and one that waits for it. */
const AHEAD = 2;
/**
 * So many where few hits come, as far as they are few in all: whoever takes them may be busy with one for 10 ms, in which a worker sweeps several
 * tasks. Where many hits come all at once, each of these has some megabytes of them.
 */
const FAR_AHEAD = { each: 8, all: 64 };

/** Tasks under way for so many threads; `few`: so many hits come. */
export const aheadFor = (jobs: number, few: boolean): number =>
  Math.max(AHEAD * jobs, few ? Math.min(FAR_AHEAD.each * jobs, FAR_AHEAD.all) : 0);

export interface Range {
  from: number;
  to: number;
}

/** The tasks of a range in file order: cut by the range alone, so that batches are the same for any number of jobs. */
export class Tasks {
  #at: number;
  readonly #to: number;
  readonly #size: number;
  readonly #chunk: number;
  readonly #rest: Omit<Task, 'from' | 'to' | 'chunk'>;
  readonly #feed: Feed | undefined;

  constructor({ from, to }: Range, chunk: number, rest: Omit<Task, 'from' | 'to' | 'chunk'>, feed?: Feed) {
    this.#at = from;
    this.#to = to;
    this.#size = Math.max(1, Math.floor(TASK / chunk)) * chunk;
    this.#chunk = chunk;
    this.#rest = rest;
    this.#feed = feed;
  }

  /** Where the next task's bytes and what is read behind them end. */
  get #needed(): number {
    return this.#at + this.#size + AHEAD_OF_FEED;
  }

  /** The next task, if its bytes have come. */
  next(): Task | undefined {
    const { ended = true, written = this.#to } = this.#feed ?? {};
    if (!ended && written < this.#needed) return undefined;
    const to = ended ? Math.min(this.#to, written) : this.#to;
    if (this.#at >= to) return undefined;
    const from = this.#at;
    this.#at += this.#size;
    return { from, to: Math.min(to, this.#at), chunk: this.#chunk, ...this.#rest };
  }

  /** Waits until {@link next} has a task; false where there are no more. */
  async more(signal: AbortSignal | undefined): Promise<boolean> {
    const feed = this.#feed;
    if (feed === undefined) return this.#at < this.#to;
    await feed.until(this.#needed, signal);
    return this.#at < feed.written;
  }
}
