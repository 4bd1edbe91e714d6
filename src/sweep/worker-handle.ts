import { Worker } from 'node:worker_threads';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { Job } from './job.js';
import type { Task } from './sweep-task.js';
import type { SweepSetup } from './sweeper.js';
import type { HitBatch } from './types.js';
import type { WorkerAnswer, WorkerRequest } from './worker.js';

/**
 * MiB of a worker's young generation, by what it does. A worker that only sweeps fills any size,
 * and is no faster with more (docs/performance.md).
 */
const YOUNG_GENERATION = { sweeps: 2, searches: 16 };

/** Setups that a worker caches: one for a container's stored bytes and one for its content. */
const SLOTS = 2;

const failed = (message: string, cause: unknown): DumpsieveError =>
  new DumpsieveError(
    { code: 'worker-failed', message, hint: 'run again with --jobs 1, and report it if that helps' },
    3,
    cause,
  );

/** Node's code if the system cannot create another thread. */
const NO_THREAD = 'ERR_WORKER_INIT_FAILED';

/** Throws `worker-failed` if the system cannot create another thread. */
function start(up: Int32Array, youngGeneration: number): Worker {
  try {
    return new Worker(new URL('./worker.js', import.meta.url), {
      // The process's own options are not inherited: one for `node -e` would end the worker.
      execArgv: [],
      workerData: up,
      resourceLimits: { maxYoungGenerationSizeMb: youngGeneration },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== NO_THREAD) throw error;
    throw failed('a sweep worker could not be started', error);
  }
}

/** A request without an answer yet. `unknown` stands for the type that the sender of the request knows. */
interface PendingRequest {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A worker thread and its unanswered requests, oldest first. */
export class WorkerHandle {
  readonly #worker: Worker;
  readonly #pending: PendingRequest[] = [];
  /** Setups in the worker's slots; the oldest is replaced. */
  readonly #slots: SweepSetup[] = [];
  #oldest = 0;
  #terminated = false;
  /**
   * Nonzero once the worker has loaded its code. Shared,
   * since this thread may sweep for long between messages.
   */
  readonly #up = new Int32Array(new SharedArrayBuffer(4));
  /** Why the worker has ended; it takes no more requests then. */
  failure: DumpsieveError | undefined;
  /** Resolves once the worker is ready, or has failed. */
  readonly up: Promise<void>;
  #resolveUp!: () => void;

  constructor(role: keyof typeof YOUNG_GENERATION = 'sweeps') {
    this.up = new Promise((resolve) => {
      this.#resolveUp = resolve;
    });
    this.#worker = start(this.#up, YOUNG_GENERATION[role]);
    this.#worker.on('message', (answer: WorkerAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(undefined));
  }

  get ready(): boolean {
    return Atomics.load(this.#up, 0) !== 0;
  }

  /** Number of unanswered requests. */
  get load(): number {
    return this.#pending.length;
  }

  #settle(answer: WorkerAnswer): void {
    if (answer.type === 'ready') this.#resolveUp();
    else {
      // Node may emit `error` before answers that the worker had posted earlier: then nothing is pending.
      const request = this.#pending.shift();
      if (answer.type === 'done') request?.resolve(answer.value);
      else request?.reject(answer.error);
    }
    this.#unrefIfIdle();
  }

  /**
   * An idle worker does not keep the process alive, but a starting or terminating one that is awaited does.
   */
  #unrefIfIdle(): void {
    if (this.#pending.length === 0 && !this.#terminated) this.#worker.unref();
  }

  #fail(cause: unknown): void {
    this.failure ??= failed('a sweep worker ended before its task was done', cause);
    for (const { reject } of this.#pending.splice(0)) reject(this.failure);
    this.#resolveUp();
  }

  /**
   * Undefined if another thread has claimed the task. Rejects with what the worker threw,
   * or with `worker-failed` if the thread ends.
   */
  sweep(setup: SweepSetup, task: Task): Promise<HitBatch | undefined> {
    return this.#request({ type: 'sweep', slot: this.#slotOf(setup), task });
  }

  #slotOf(setup: SweepSetup): number {
    const known = this.#slots.indexOf(setup);
    if (known >= 0) return known;
    const slot = this.#oldest;
    const { net, ...rest } = setup;
    const sameAs = this.#slots.findIndex((other) => other.net === net);
    this.#post({ type: 'open', slot, setup: rest, net: sameAs < 0 ? net : { sameAs } });
    this.#slots[slot] = setup;
    this.#oldest = (slot + 1) % SLOTS;
    return slot;
  }

  /** Loads the module of a job ahead of {@link run}. */
  preload(module: URL): void {
    this.#post({ type: 'load', module: module.href });
  }

  /** Overwrites bytes of what was swept, after the requests before it. */
  wipe(): void {
    this.#post({ type: 'wipe' });
  }

  /** Rejects as {@link sweep} does. */
  run<Input, Output>(job: Job<Input, Output>, input: Input): Promise<Output> {
    return this.#request({ type: 'run', module: job.module.href, input }, job.transfer(input));
  }

  /** `Output`: the type that the worker answers this request with. */
  #request<Output>(request: WorkerRequest, transfer?: readonly ArrayBuffer[]): Promise<Output> {
    this.#worker.ref();
    this.#post(request, transfer);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
    });
  }

  #post(request: WorkerRequest, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  async terminate(): Promise<void> {
    this.#terminated = true;
    await this.#worker.terminate();
  }
}
