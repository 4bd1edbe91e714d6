import { Worker } from 'node:worker_threads';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { Opening } from './sweeper.js';
import type { Task } from './task.js';
import type { HitBatch } from './types.js';
import type { Answer, Order } from './worker.js';

/** Mebibytes for what a worker has just allocated: who sweeps alone takes as much as it is given, and is no faster with more (docs/performance.md). */
const YOUNG = { sweeps: 2, searches: 16 };

/** Openings that a worker remembers: of a container's own bytes, and of its content. */
const SLOTS = 2;

const failed = (message: string, cause: unknown): DumpsieveError =>
  new DumpsieveError(
    { code: 'worker-failed', message, hint: 'run again with --jobs 1, and report it if that helps' },
    3,
    cause,
  );

/** What Node says of that. */
const NO_ROOM = 'ERR_WORKER_INIT_FAILED';

/** Throws `worker-failed` where the system has no room for one more thread. */
function start(up: Int32Array, young: number): Worker {
  try {
    // Without the process's own options: one for `node -e` would end it.
    return new Worker(new URL('./worker.js', import.meta.url), {
      execArgv: [],
      workerData: up,
      resourceLimits: { maxYoungGenerationSizeMb: young },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== NO_ROOM) throw error;
    throw failed('a sweep worker could not be started', error);
  }
}

/** A worker thread with the tasks that it has not answered yet, in order. */
export class WorkerHandle {
  readonly #worker: Worker;
  readonly #waiting: { resolve: (value: unknown) => void; reject: (error: unknown) => void }[] = [];
  /** What its slots hold: two rows of tasks may take turns. */
  readonly #slots: Opening[] = [];
  #oldest = 0;
  #ending = false;
  /** Not 0: it has loaded its code. In shared memory, since this thread may sweep for long before it comes to read a message. */
  readonly #up = new Int32Array(new SharedArrayBuffer(4));
  /** Why it has ended; it takes no more tasks then. */
  failure: DumpsieveError | undefined;
  /** Resolves when it has come up, or ended. */
  readonly up: Promise<void>;
  #isUp!: () => void;

  /** `does`: what it will have to do beside tasks of a sweep, if anything. */
  constructor(does: keyof typeof YOUNG = 'sweeps') {
    this.up = new Promise((resolve) => {
      this.#isUp = resolve;
    });
    this.#worker = start(this.#up, YOUNG[does]);
    this.#worker.on('message', (answer: Answer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(undefined));
  }

  /** It answers at once. */
  get ready(): boolean {
    return Atomics.load(this.#up, 0) !== 0;
  }

  /** Tasks under way. */
  get load(): number {
    return this.#waiting.length;
  }

  #take(answer: Answer): void {
    if (answer.type === 'ready') {
      this.#isUp();
      this.#rest();
      return;
    }
    // Node may tell of an error of the thread before what it had answered until then.
    const asked = this.#waiting.shift();
    if (answer.type === 'done') asked?.resolve(answer.value);
    else asked?.reject(answer.error);
    this.#rest();
  }

  /** The process may end while it is up and no task is under way, but not before a thread that is awaited has ended. */
  #rest(): void {
    if (this.#waiting.length === 0 && !this.#ending) this.#worker.unref();
  }

  #fail(cause: unknown): void {
    this.failure ??= failed('a sweep worker ended before its task was done', cause);
    for (const { reject } of this.#waiting.splice(0)) reject(this.failure);
    this.#isUp();
  }

  /** Undefined where another thread has begun with the task. Rejects with what it threw, or with `worker-failed` where the thread ends. */
  sweep(opening: Opening, task: Task): Promise<HitBatch | undefined> {
    return this.#ask({ type: 'sweep', slot: this.#slotOf(opening), task }) as Promise<HitBatch | undefined>;
  }

  #slotOf(opening: Opening): number {
    const known = this.#slots.indexOf(opening);
    if (known >= 0) return known;
    const slot = this.#oldest;
    const { net, ...rest } = opening;
    const like = this.#slots.findIndex((other) => other.net === net);
    this.#tell({ type: 'open', slot, opening: rest, net: like < 0 ? net : { like } });
    this.#slots[slot] = opening;
    this.#oldest = (slot + 1) % SLOTS;
    return slot;
  }

  /** Loads a module that it will be asked to run. */
  loadModule(module: URL): void {
    this.#tell({ type: 'load', module: module.href });
  }

  /** What the export `job` of a module makes of plain data; `transfer` as for postMessage. Rejects as {@link sweep} does. */
  run(module: URL, argument: unknown, transfer: readonly ArrayBuffer[]): Promise<unknown> {
    return this.#ask({ type: 'run', module: module.href, argument }, transfer);
  }

  #ask(order: Order, transfer?: readonly ArrayBuffer[]): Promise<unknown> {
    this.#worker.ref();
    this.#tell(order, transfer);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #tell(order: Order, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, transfer);
  }

  async terminate(): Promise<void> {
    this.#ending = true;
    await this.#worker.terminate();
  }
}
