import { WorkerHandle } from './worker-handle.js';

/** Bytes of a file below which starting a worker costs more than it saves. */
export const ALONE = 8 * 2 ** 20;

/** Bytes of a task: long enough that a message costs nothing beside it. */
export const TASK = 4 * 2 ** 20;

/** Threads of a pool, however many are asked for: more sweep no faster than one takes what they find, and a typing error must not take all memory. */
export const MOST_JOBS = 256;

/**
 * Workers for a file of this size, beside the thread that takes what they find, and sweeps where it waits for them: no more than there are tasks for. Each
 * costs 10 MB and, to start, as long as 10 MB are swept in.
 */
export const workersFor = (bytes: number, jobs: number): number =>
  Math.max(1, Math.min(jobs, MOST_JOBS, Math.ceil(bytes / TASK)) - 1);

/** Workers that nobody has taken yet. */
const early: WorkerHandle[] = [];

/** Waits for them. */
let waiting = async (): Promise<void> => {};

/**
 * Starts workers for the first pool of this process. `then` is called when they have come up, and somebody waits for that: what is changed of the
 * engine's settings earlier slows them down, for Node's own modules are compiled anew then. Throws `worker-failed` where one cannot start.
 */
export function prestartWorkers(count: number, then: () => Promise<void> = async () => {}): void {
  while (early.length < count) early.push(new WorkerHandle(early.length === 0 ? 'searches' : 'sweeps'));
  const up = Promise.all(early.map((hand) => hand.up));
  waiting = async () => {
    waiting = async () => {};
    await up;
    await then();
  };
}

/** Resolves when all that was started early has come up. */
export const settlePrestart = (): Promise<void> => waiting();

/** One that was started early, or a new one. */
export const takeWorker = (does?: 'searches'): WorkerHandle => early.shift() ?? new WorkerHandle(does);
