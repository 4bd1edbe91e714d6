import { Worker } from 'node:worker_threads';
import { DumpsieveError } from '../errors.js';
import { openStorage, type Storage } from '../storage.js';
import { kernelFor, kernelName, netFor } from './choose.js';
import { sweepTask, type Task } from './task.js';
import type { HitBatch, Net, SweepOptions } from './types.js';
import type { Answer, Order } from './worker.js';

const MiB = 2 ** 20;
/** Bytes of a kernel call: with the margin, small enough to stay in the L2 cache from the read to the sweep. */
const CHUNK = MiB;
/** Bytes of a task: long enough that a message costs nothing beside it. */
const TASK = 4 * MiB;
/** Below, starting a worker costs more than it saves. */
const ALONE = 8 * MiB;
/** Tasks under way for each worker: one that it sweeps, one that waits for it, so that it never waits for the consumer's thread. */
const AHEAD = 2;

/** A worker thread with the tasks that it has not answered yet, in order. */
class Hand {
  readonly #worker: Worker;
  readonly #waiting: { resolve: (batch: HitBatch) => void; reject: (error: unknown) => void }[] = [];
  #opened: object | undefined;
  dead = false;

  constructor() {
    // Without the process's own options: one for `node -e` would end it.
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] });
    this.#worker.on('message', (answer: Answer) => {
      const { resolve, reject } = this.#waiting.shift()!;
      if ('batch' in answer) resolve(answer.batch);
      else reject(answer.failure);
      this.#rest();
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(undefined));
    this.#worker.unref();
  }

  get load(): number {
    return this.#waiting.length;
  }

  /** The process may end while no task is under way. */
  #rest(): void {
    if (this.#waiting.length === 0) this.#worker.unref();
  }

  #fail(cause: unknown): void {
    this.dead = true;
    const error = new DumpsieveError(
      {
        code: 'worker-failed',
        message: 'a sweep worker ended before its task was done',
        hint: 'run again with --jobs 1, and report it if that helps',
      },
      3,
      cause,
    );
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  sweep(opening: Extract<Order, { type: 'open' }>, task: Task): Promise<HitBatch> {
    if (this.#opened !== opening) {
      this.#worker.postMessage(opening);
      this.#opened = opening;
    }
    this.#worker.ref();
    this.#worker.postMessage({ type: 'sweep', task } satisfies Order);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Resolves never; rejects with the signal's reason. */
function aborted(signal: AbortSignal | undefined): { promise: Promise<never>; forget(): void } {
  let listener = () => {};
  const promise = new Promise<never>((_, reject) => {
    listener = () => reject(signal!.reason);
    signal?.addEventListener('abort', listener);
  });
  promise.catch(() => {});
  return { promise, forget: () => signal?.removeEventListener('abort', listener) };
}

/** The tasks of a range in file order: cut by the range alone, so that batches are the same for any number of jobs. */
function* tasksOf(range: { from: number; to: number }, chunk: number, longest: number): Generator<Task> {
  const size = Math.max(1, Math.floor(TASK / chunk)) * chunk;
  for (let from = range.from; from < range.to; from += size) {
    yield { from, to: Math.min(range.to, from + size), chunk, longest };
  }
}

/** True where the file ends in this batch: what follows it cannot be read either. */
const endsFile = ({ endedAt, error }: HitBatch) => endedAt !== undefined && error === undefined;

/** Threads that sweep files for nets. One pool serves many files and nets; its workers start when they are first needed. */
export class SweepPool {
  readonly #jobs: number;
  #hands: Hand[] = [];

  /** @param jobs worker threads, at least 1 */
  constructor(jobs: number) {
    this.#jobs = Math.max(1, Math.floor(jobs));
  }

  /**
   * Sweeps a range of an artifact; batches come in file order and cover it without a gap, also where nothing was found.
   * The consumer's pace governs: only a few tasks are under way at a time. Bytes that cannot be read are told by `endedAt`
   * (and `error`) of their batch, and the sweep goes on behind them.
   * Throws the signal's reason, or a {@link DumpsieveError} `worker-failed`.
   */
  async *sweep(
    storage: Storage,
    net: Net,
    range: { from: number; to: number },
    options: SweepOptions = {},
  ): AsyncIterable<HitBatch> {
    const tasks = tasksOf(range, options.chunk ?? CHUNK, net.longest);
    const alone = range.to - range.from < ALONE;
    const batches = alone
      ? this.#here(storage, net, tasks)
      : this.#spread(storage, net, tasks, options.signal);
    let done = range.from;
    for await (const batch of batches) {
      options.signal?.throwIfAborted();
      options.onProgress?.(batch.to - batch.from);
      done = batch.to;
      yield batch;
    }
    options.signal?.throwIfAborted();
    if (done < range.to) yield rest(done, range.to);
  }

  /** On this thread, for small files. */
  async *#here(storage: Storage, net: Net, tasks: Iterable<Task>): AsyncGenerator<HitBatch> {
    const name = kernelName();
    const prepared = netFor(name, net);
    const reader = openStorage(storage);
    for (const task of tasks) {
      const batch = sweepTask(reader, kernelFor(name, prepared), task);
      yield batch;
      if (endsFile(batch)) return;
    }
  }

  /** On the workers: a window of tasks slides over the range, its head is awaited. */
  async *#spread(
    storage: Storage,
    net: Net,
    tasks: Generator<Task>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<HitBatch> {
    signal?.throwIfAborted();
    const kernel = kernelName();
    const stop = new SharedArrayBuffer(4);
    const opening: Order = { type: 'open', storage, net: netFor(kernel, net), kernel, stop };
    const abort = aborted(signal);
    const underWay: Promise<HitBatch>[] = [];
    let ended = false;
    try {
      for (;;) {
        while (!ended && underWay.length < AHEAD * this.#jobs) {
          const next = tasks.next();
          if (next.done) break;
          const batch = this.#hand().sweep(opening, next.value);
          batch.catch(() => {});
          underWay.push(batch);
        }
        const head = underWay[0];
        if (head === undefined) return;
        const batch = await Promise.race([head, abort.promise]);
        underWay.shift();
        ended ||= endsFile(batch);
        yield batch;
      }
    } finally {
      abort.forget();
      // The caller closes the file next: nobody may read it any more then.
      Atomics.store(new Int32Array(stop), 0, 1);
      await Promise.allSettled(underWay);
    }
  }

  /** The least busy worker; a new one while there may be more. */
  #hand(): Hand {
    this.#hands = this.#hands.filter(({ dead }) => !dead);
    const idle = this.#hands.find(({ load }) => load === 0);
    if (idle !== undefined) return idle;
    if (this.#hands.length < this.#jobs) {
      const hand = new Hand();
      this.#hands.push(hand);
      return hand;
    }
    return this.#hands.reduce((least, hand) => (hand.load < least.load ? hand : least));
  }

  /** Ends the workers; a sweep under way fails. */
  async close(): Promise<void> {
    await Promise.all(this.#hands.splice(0).map((hand) => hand.terminate()));
  }
}

/** What was not asked for any more after the file's end. */
function rest(from: number, to: number): HitBatch {
  return { from, to, offsets: new Float64Array(0), ids: new Uint32Array(0), endedAt: from };
}
