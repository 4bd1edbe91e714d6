import { setImmediate as turn } from 'node:timers/promises';
import type { Storage } from '../base/bytes/storage.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { orAborted } from '../base/runtime/promises.js';
import { kernelName, netFor } from './kernel-select.js';
import { SharedTickets } from './shared-tickets.js';
import { type Opening, sweeper } from './sweeper.js';
import type { Task } from './task.js';
import { TaskQueue } from './task-queue.js';
import { aheadFor, type Range, Tasks } from './tasks.js';
import type { HitBatch, Net, SweepOptions } from './types.js';
import type { WorkerHandle } from './worker-handle.js';
import { ALONE, MOST_JOBS, takeWorker, workersFor } from './worker-prestart.js';

/** Bytes of a kernel call: with the margin, small enough to stay in the L2 cache from the read to the sweep. */
const CHUNK = 2 ** 20;
/** Hits and runs of a batch that are few, and bytes of its numbers. */
const FEW = { hits: 1024, bytes: 32 * 1024 };

const isSmall = ({ offsets, numbers, runs, digits }: HitBatch): boolean =>
  offsets.length + (runs?.offsets.length ?? 0) + (digits?.offsets.length ?? 0) <= FEW.hits &&
  (numbers?.byteLength ?? 0) <= FEW.bytes;

/** True where the file ends in this batch: what follows it cannot be read either. */
const endsFile = ({ endedAt, error }: HitBatch) => endedAt !== undefined && error === undefined;

/** What was not asked for any more after the file's end. */
function rest(from: number, to: number): HitBatch {
  return { from, to, offsets: new Float64Array(0), ids: new Uint32Array(0), endedAt: from };
}

/** Threads that sweep files for nets, the caller's own among them. One pool serves many files and nets; its workers start when they are first needed. */
export class SweepPool {
  readonly #jobs: number;
  /** Workers that the largest range so far has tasks for. */
  #wanted = 0;
  #hands: WorkerHandle[] = [];
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  /** @param jobs threads that sweep, at least 1: a worker alone, or this thread and one worker less */
  constructor(jobs: number) {
    this.#jobs = Math.min(MOST_JOBS, Math.max(1, Math.floor(jobs)));
  }

  /**
   * Sweeps a range of an artifact; batches come in file order and cover it without a gap, also where nothing was found.
   * Of what a feed tells of only what has come is swept, and the range may end beyond it.
   * The consumer's pace governs: only a few tasks are under way at a time. Bytes that cannot be read are told by `endedAt`
   * (and `error`) of their batch, and the sweep goes on behind them. When the iteration ends, in whatever way, nothing reads
   * the storage any more.
   * Throws the signal's reason, or a {@link DumpsieveError} `worker-failed`.
   */
  async *sweep(
    storage: Storage,
    net: Net,
    range: Range,
    options: SweepOptions = {},
  ): AsyncGenerator<HitBatch> {
    const { signal, onProgress, chunk = CHUNK, runs = false, numbers = false, seams, feed } = options;
    const kernel = kernelName();
    const state = SharedTickets.forTasks(aheadFor(this.#jobs, true));
    const opening: Opening = {
      storage,
      net: netFor(kernel, net),
      kernel,
      runs,
      state: state.memory,
      ...(seams ? { seams } : {}),
    };
    const here = sweeper(opening);
    const size = range.to - range.from;
    this.#want(size);
    const give =
      size < ALONE
        ? async (task: Task) => here(task)
        : async (task: Task) => this.#hand().sweep(opening, task);
    const tasks = new Tasks(range, chunk, { longest: net.longest, numbers }, feed);
    const row = new TaskQueue(state, give, here);
    let done = range.from;
    let ended = false;
    let ahead = aheadFor(this.#jobs, false);
    try {
      for (;;) {
        signal?.throwIfAborted();
        while (!ended && row.length < ahead) {
          const next = tasks.next();
          if (next === undefined) break;
          row.push(next);
        }
        const { head } = row;
        if (head === undefined) {
          if (!ended && (await tasks.more(signal))) continue;
          break;
        }
        if (!head.ended && this.#helps) {
          await turn();
          if (head.ended || row.help()) continue;
        }
        const batch = await orAborted(head.batch, signal);
        row.shift(batch.to);
        ended ||= endsFile(batch);
        done = batch.to;
        ahead = aheadFor(this.#jobs, isSmall(batch));
        onProgress?.(batch.to - batch.from);
        yield batch;
      }
      const end = Math.min(range.to, feed?.written ?? range.to);
      if (done < end) yield rest(done, end);
    } finally {
      await row.stop();
    }
  }

  /** Starts the workers where so many bytes will be swept: they come up while whoever asks still looks at what these are. */
  expect(bytes: number): void {
    if (bytes < ALONE) return;
    this.#want(bytes);
    try {
      this.#hand();
    } catch {
      // The sweep says so, if it comes to need them.
    }
  }

  #want(bytes: number): void {
    this.#wanted = Math.max(this.#wanted, workersFor(bytes, this.#jobs));
  }

  /** This thread is one of those that sweep, or has none to wait for. */
  get #helps(): boolean {
    return this.#jobs > 1 || this.#first === undefined;
  }

  /** The least busy worker. */
  #hand(): WorkerHandle {
    if (this.#closed) {
      throw new DumpsieveError({ code: 'worker-failed', message: 'the sweep pool is closed' });
    }
    // One that never came up will not do so next time either; one that came up may be replaced.
    const broken = this.#hands.find(({ ready, failure }) => !ready && failure !== undefined);
    if (broken !== undefined) throw broken.failure;
    this.#hands = this.#hands.filter(({ failure }) => failure === undefined);
    while (this.#hands.length < this.#wanted)
      this.#hands.push(takeWorker(this.#hands.length === 0 ? 'searches' : undefined));
    const ready = this.#hands.filter((hand) => hand.ready);
    const choice = ready.length > 0 ? ready : this.#hands;
    return choice.reduce((least, hand) => (hand.load < least.load ? hand : least));
  }

  /** Has the worker that will run a module load it, where one has come up. */
  loadModule(module: URL): void {
    this.#first?.loadModule(module);
  }

  /**
   * What the export `job` of a module makes of plain data, in a worker; `transfer` as for postMessage. Undefined where no
   * worker has come up: it would take longer to start than small work takes.
   */
  run(module: URL, argument: unknown, transfer: readonly ArrayBuffer[] = []): Promise<unknown> | undefined {
    return this.#first?.run(module, argument, transfer);
  }

  /** The first worker that has come up. */
  get #first(): WorkerHandle | undefined {
    return this.#hands.find(({ ready, failure }) => ready && failure === undefined);
  }

  /**
   * Ends the workers that have no task, so that what they hold is free: 15 MB each, and what a job needed beside. Where more work comes,
   * others start.
   */
  rest(): void {
    const idle = this.#hands.filter(({ load }) => load === 0);
    this.#hands = this.#hands.filter(({ load }) => load > 0);
    for (const hand of idle) {
      const ended = hand.terminate().finally(() => this.#ending.delete(ended));
      this.#ending.add(ended);
    }
  }

  /** Ends the workers; a sweep under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#ending, ...this.#hands.splice(0).map((hand) => hand.terminate())]);
  }
}
