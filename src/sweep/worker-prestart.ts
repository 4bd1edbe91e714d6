import { WorkerHandle } from './worker-handle.js';

/** Bytes of a file below which starting a worker costs more time than it saves. */
export const ALONE = 8 * 2 ** 20;

/** Bytes of a task: its messages cost nothing in comparison. */
export const TASK = 4 * 2 ** 20;

/**
 * Upper bound on the threads of a pool. More are not faster than the one thread that takes their hits,
 * and a mistyped number must not use up all memory.
 */
export const MOST_JOBS = 256;

/**
 * Number of workers for a file of `bytes`: at most one for each task, less one for the calling thread, which
 * sweeps while it waits. A worker costs 10 MB, and its start as much time as sweeping 10 MB.
 */
export const workersFor = (bytes: number, jobs: number): number =>
  Math.max(1, Math.min(jobs, MOST_JOBS, Math.ceil(bytes / TASK)) - 1);

/** Prestarted workers not claimed by a pool. */
const prestarted: WorkerHandle[] = [];

let settle = async (): Promise<void> => {};

/**
 * Starts workers for the first pool of this process. The first {@link settlePrestart} calls `then` once they
 * are up: V8 flags that are changed earlier slow the start down, since Node's own modules are compiled again.
 * Throws `worker-failed` if one cannot start.
 */
export function prestartWorkers(count: number, then: () => void = () => {}): void {
  while (prestarted.length < count)
    prestarted.push(new WorkerHandle(prestarted.length === 0 ? 'searches' : 'sweeps'));
  const up = Promise.all(prestarted.map((worker) => worker.up));
  settle = async () => {
    settle = async () => {};
    await up;
    then();
  };
}

/** Resolves once all prestarted workers are up. */
export const settlePrestart = (): Promise<void> => settle();

/** A prestarted worker, or a new one. */
export const takeWorker = (role?: 'searches'): WorkerHandle => prestarted.shift() ?? new WorkerHandle(role);
