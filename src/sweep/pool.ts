import { setImmediate as immediate } from 'node:timers/promises';
import type { Storage } from '../core/base/bytes/storage.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { orAborted } from '../core/base/runtime/promises.js';
import type { Job } from './job.js';
import { kernelName } from './kernel-select.js';
import { aheadFor, RangeTasks, type SweepRange } from './range-tasks.js';
import { SharedTickets, type Task } from './sweep-task.js';
import { type SweepSetup, sweeper, sweeperInTurns } from './sweeper.js';
import { TaskQueue } from './task-queue.js';
import type { HitBatch, Net, SweepOptions } from './types.js';
import type { WorkerHandle } from './worker-handle.js';
import { ALONE, MOST_JOBS, takeWorker, workersFor } from './worker-prestart.js';

/** Bytes of a kernel call: with its margin it stays in the L2 cache from the read to the sweep. */
const CHUNK = 2 ** 20;
/** Bytes that are swept without a pause: full of hits, they take 0.2 s. */
const SHORT = CHUNK / 4;
/** Upper bounds on a small batch: hits and runs, and bytes of records. */
const SMALL = { hits: 1024, bytes: 32 * 1024 };

const isSmall = ({
  offsets,
  numbers,
  decoded,
  census,
  runs,
  digits,
  values,
  randomRuns,
}: HitBatch): boolean =>
  offsets.length +
    (values?.offsets.length ?? 0) +
    (randomRuns?.offsets.length ?? 0) +
    (runs?.offsets.length ?? 0) +
    (digits?.offsets.length ?? 0) <=
    SMALL.hits &&
  [numbers, decoded, census].reduce((sum, each) => sum + (each?.byteLength ?? 0), 0) <= SMALL.bytes;

/** Inputs of a job that a worker has at a time: the one it works on, and the next. */
const AHEAD_OF_WORKER = 2;
/** Steps of a mapped job, some hundredths of a second each, from which on starting workers pays off. */
const BEFORE_WORKERS = 24;
/** Inputs for each thread that may be worked on before the output of an earlier one is there. */
const AHEAD_OF_HEAD = 16;

/** The file ends in this batch; after a failed read it may go on. */
const endsFile = ({ endedAt, error }: HitBatch) => endedAt !== undefined && error === undefined;

/** Bytes whose sweep takes as long as what else is done for a short range. */
const COST_OF_SWEEP = 16 * 1024;

/** Covers the part of a range after the end of the file. */
const emptyBatch = (from: number, to: number): HitBatch => ({
  from,
  to,
  offsets: new Float64Array(0),
  ids: new Uint32Array(0),
  endedAt: from,
});

/** Threads that sweep files, the calling one included. Workers start on demand, for all files and nets. */
export class SweepPool {
  readonly #jobs: number;
  /** Workers that the largest range so far has tasks for. */
  #wanted = 0;
  #workers: WorkerHandle[] = [];
  readonly #terminations = new Set<Promise<void>>();
  #closed = false;
  /** Bytes of short sweeps since the event loop had its turn. */
  #sinceTurn = 0;

  /**
   * @param jobs number of threads: the calling one and `jobs - 1` workers. With 1, a worker sweeps alone; the
   * calling thread sweeps until it is up, and all of a file below 8 MiB.
   */
  constructor(jobs: number) {
    this.#jobs = Math.min(MOST_JOBS, Math.max(1, Math.floor(jobs)));
  }

  /**
   * Sweeps a range of an artifact. Batches come in file order and cover the range without a gap. The range
   * may end beyond the end of a feed; only what arrives is swept. Back pressure: only a few tasks are under
   * way at a time. Bytes that cannot be read are reported by `endedAt` and `error` of their batch, and the
   * sweep continues after them. Once the iteration has ended, however it did, no thread reads the storage.
   * Throws the signal's reason, or a {@link DumpsieveError} `worker-failed`.
   */
  async *sweep(
    storage: Storage,
    net: Net,
    range: SweepRange,
    options: SweepOptions = {},
  ): AsyncGenerator<HitBatch> {
    const {
      signal,
      onProgress,
      chunk = CHUNK,
      runs = false,
      numbers = false,
      values = true,
      randomRuns,
      marks,
      seams,
      feed,
    } = options;
    if (this.#sinceTurn > CHUNK) {
      this.#sinceTurn = 0;
      await immediate();
    }
    signal?.throwIfAborted();
    const short = this.sweepShort(storage, net, range, options);
    if (short !== undefined) {
      yield short;
      return signal?.throwIfAborted();
    }
    const kernel = kernelName();
    const size = range.to - range.from;
    const tickets = SharedTickets.forTasks(aheadFor(this.#jobs, true));
    const setup: SweepSetup = {
      storage,
      net,
      kernel,
      runs,
      tickets: tickets.memory,
      ...definedFields({ seams }),
    };
    this.#want(size);
    const isAlone = size < ALONE;
    const post = async (task: Task) => (isAlone ? undefined : this.#leastBusy().sweep(setup, task));
    const tasks = new RangeTasks(
      range,
      chunk,
      { longest: net.longest, numbers, runs, values, randomRuns, marks },
      feed,
    );
    const queue = new TaskQueue(tickets, post, sweeperInTurns(setup));
    let done = range.from;
    let ended = false;
    let ahead = aheadFor(this.#jobs, false);
    try {
      for (;;) {
        signal?.throwIfAborted();
        while (!ended && queue.length < ahead) {
          const next = tasks.next();
          if (next === undefined) break;
          queue.push(next);
        }
        const { head } = queue;
        if (head === undefined) {
          if (!ended && (await tasks.more(signal))) continue;
          break;
        }
        if (!head.settled && (isAlone || this.#helps)) {
          await immediate();
          if (head.settled || (await queue.sweepOne())) continue;
        }
        const batch = await orAborted(head.batch, signal);
        queue.shift(batch.to);
        ended ||= endsFile(batch);
        done = batch.to;
        ahead = aheadFor(this.#jobs, isSmall(batch));
        onProgress?.(batch.to - batch.from);
        yield batch;
      }
      const end = Math.min(range.to, feed?.written ?? range.to);
      if (done < end) yield emptyBatch(done, end);
    } finally {
      await queue.stop();
    }
  }

  /**
   * Sweeps a range of one kernel call, on the calling thread and without a queue: archives have many short
   * members. Undefined for a longer range, and when the event loop is to have its turn first.
   */
  sweepShort(
    storage: Storage,
    net: Net,
    range: SweepRange,
    {
      onProgress,
      chunk = CHUNK,
      runs = false,
      numbers = false,
      values = true,
      randomRuns,
      seams,
      feed,
    }: SweepOptions,
  ): HitBatch | undefined {
    const size = range.to - range.from;
    if (size <= 0 || size > Math.min(chunk, SHORT) || feed !== undefined) return undefined;
    if (this.#sinceTurn > CHUNK) return undefined;
    this.#sinceTurn += size + COST_OF_SWEEP;
    const kernel = kernelName();
    const setup = { storage, net, kernel, runs, ...(seams && { seams }) };
    const task = { ...range, chunk, longest: net.longest, numbers, runs, values, randomRuns };
    const batch = sweeper(setup)(task)!;
    onProgress?.(size);
    return batch;
  }

  /** Starts the workers for a sweep of `bytes` ahead of it, so that they come up meanwhile. */
  expect(bytes: number): void {
    if (bytes < ALONE) return;
    this.#want(bytes);
    try {
      this.#leastBusy();
    } catch {
      // The sweep throws it again, if it needs the workers.
    }
  }

  #want(bytes: number): void {
    this.#wanted = Math.max(this.#wanted, workersFor(bytes, this.#jobs));
  }

  /** The calling thread sweeps too: with several jobs, or while no worker is up. */
  get #helps(): boolean {
    return this.#jobs > 1 || this.#firstReady === undefined;
  }

  #leastBusy(): WorkerHandle {
    if (this.#closed) {
      throw new DumpsieveError({ code: 'worker-failed', message: 'the sweep pool is closed' });
    }
    // A worker that never came up would not do so the next time either; one that did come up is replaced.
    const broken = this.#workers.find(({ ready, failure }) => !ready && failure !== undefined);
    if (broken !== undefined) throw broken.failure;
    this.#workers = this.#workers.filter(({ failure }) => failure === undefined);
    while (this.#workers.length < this.#wanted)
      this.#workers.push(takeWorker(this.#workers.length === 0 ? 'searches' : undefined));
    const ready = this.#workers.filter((worker) => worker.ready);
    const choice = ready.length > 0 ? ready : this.#workers;
    return choice.reduce((least, worker) => (worker.load < least.load ? worker : least));
  }

  /** Has the worker that will run the job load its module, if one is up. */
  preload({ module }: Job<never, unknown>): void {
    this.#firstReady?.preload(module);
  }

  /**
   * Runs a job in a worker. Undefined if no worker is up: starting one takes longer than small work does, but
   * not longer than work that `isLong`. Rejects with what the job threw, or with a {@link DumpsieveError}
   * `worker-failed`.
   */
  run<Input, Output>(job: Job<Input, Output>, input: Input, isLong = false): Promise<Output> | undefined {
    const ready = this.#firstReady;
    if (ready !== undefined || !isLong || this.#closed) return ready?.run(job, input);
    return this.#starting?.run(job, input);
  }

  /**
   * Runs a job for each input, in workers that have nothing else to do and, by `here`, on the calling thread.
   * Yields the outputs in the order of the inputs. Inputs are taken when they are needed; the outputs of
   * those under way when the iteration ends are lost. With one thread, everything runs on the calling one.
   */
  async *map<Input, Output>(
    job: Job<Input, Output>,
    inputs: Iterator<Input>,
    here: (input: Input) => Output,
  ): AsyncGenerator<Output> {
    const queue: { output: Promise<Output>; settled: boolean }[] = [];
    const loads = new Map<WorkerHandle, number>();
    let ended = false;
    const next = (start: (input: Input) => Promise<Output>): boolean => {
      const { value, done } = ended ? { value: undefined, done: true } : inputs.next();
      ended ||= done === true;
      if (ended) return false;
      const output = start(value as Input);
      const entry = { output, settled: false };
      const settle = () => {
        entry.settled = true;
      };
      output.then(settle, settle);
      queue.push(entry);
      return true;
    };
    const isFree = (worker: WorkerHandle): boolean => {
      const own = loads.get(worker) ?? 0;
      return worker.ready && worker.failure === undefined && worker.load === own && own < AHEAD_OF_WORKER;
    };
    const inWorker = (worker: WorkerHandle) => (input: Input) => {
      loads.set(worker, (loads.get(worker) ?? 0) + 1);
      return worker.run(job, input).finally(() => loads.set(worker, loads.get(worker)! - 1));
    };
    const isFull = () => queue.length >= AHEAD_OF_HEAD * this.#jobs;
    for (let done = 0; ; done++) {
      if (done === BEFORE_WORKERS) this.#startAll();
      for (const worker of this.#jobs > 1 ? this.#workers : [])
        while (!isFull() && isFree(worker) && next(inWorker(worker)));
      const head = queue[0];
      if (head !== undefined && (head.settled || ended || isFull())) {
        yield await head.output;
        queue.shift();
        continue;
      }
      if (!next(async (input) => here(input)) && queue.length === 0) return;
      await immediate();
    }
  }

  /** Starts all workers, however small the files are. */
  #startAll(): void {
    while (!this.#closed && this.#workers.length < this.#jobs - 1) this.#workers.push(takeWorker());
  }

  /** Has the workers overwrite what is left of swept bytes in their memory, when they are idle. */
  wipe(): void {
    for (const worker of this.#workers) if (worker.failure === undefined) worker.wipe();
  }

  /** A worker that comes up, if the system can create one. */
  get #starting(): WorkerHandle | undefined {
    const known = this.#workers.find(({ failure }) => failure === undefined);
    if (known !== undefined) return known;
    try {
      const worker = takeWorker('searches');
      this.#workers.push(worker);
      return worker;
    } catch {
      return undefined;
    }
  }

  get #firstReady(): WorkerHandle | undefined {
    return this.#workers.find(({ ready, failure }) => ready && failure === undefined);
  }

  /**
   * Terminates idle workers to free their memory: 15 MB
   * each, and what a job used. Later work starts new ones.
   */
  terminateIdle(): void {
    const idle = this.#workers.filter(({ load }) => load === 0);
    this.#workers = this.#workers.filter(({ load }) => load > 0);
    for (const worker of idle) {
      const ended = worker.terminate().finally(() => this.#terminations.delete(ended));
      this.#terminations.add(ended);
    }
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Terminates all workers; a sweep under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    const ended = this.#workers.splice(0).map((worker) => worker.terminate());
    await Promise.all([...this.#terminations, ...ended]);
  }
}
