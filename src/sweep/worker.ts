import { parentPort, workerData } from 'node:worker_threads';
import { wipeScratch } from '../core/base/runtime/scratch.js';
import type { JobModule } from './job.js';
import type { Task } from './sweep-task.js';
import { type SweepSetup, sweeper } from './sweeper.js';
import type { TaskHandler } from './task-queue.js';
import type { HitBatch, Net } from './types.js';

/** Messages to a worker. */
export type WorkerRequest =
  /** Fills a slot for the tasks that follow. `sameAs`: another slot with the same net. */
  | { type: 'open'; slot: number; setup: Omit<SweepSetup, 'net'>; net: Net | { sameAs: number } }
  | { type: 'sweep'; slot: number; task: Task }
  /** Loads the module of a job ahead of its `run`. */
  | { type: 'load'; module: string }
  /** Overwrites scratch memory. */
  | { type: 'wipe' }
  /** Calls the export `job` of a module. */
  | { type: 'run'; module: string; input: unknown };

/** Its answers: `ready` once, then `done` or `error` for each `sweep` and `run`, in their order. */
export type WorkerAnswer =
  | { type: 'ready' }
  | { type: 'done'; value: unknown }
  | { type: 'error'; error: unknown };

const port = parentPort!;
const slots: { net: Net; sweep: TaskHandler<HitBatch | undefined> }[] = [];

function answer(message: WorkerAnswer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function answerTask(slot: number, task: Task): void {
  const batch = slots[slot]!.sweep(task);
  if (batch === undefined) {
    answer({ type: 'done', value: undefined });
    return;
  }
  const { offsets, ids, runs, digits, texts, values, randomRuns, census, numbers, decoded } = batch;
  const lists = [runs, digits, texts].flatMap((list) => (list ? [list.offsets, list.words] : []));
  const found = [values, randomRuns].flatMap((list) => (list ? [list.offsets, list.ids] : []));
  const columns = [offsets, ids, ...lists, ...found];
  // Empty ones are shared by all batches of this thread.
  const buffers = columns
    .map(({ buffer }) => buffer as ArrayBuffer)
    .filter(({ byteLength }) => byteLength > 0);
  const records = [census, numbers, decoded].filter((each) => each !== undefined);
  answer({ type: 'done', value: batch }, [...buffers, ...records]);
}

async function handle(request: WorkerRequest): Promise<void> {
  if (request.type === 'wipe') {
    wipeScratch();
    return;
  }
  if (request.type === 'load') {
    // A failure is reported by the `run` that follows.
    await import(request.module).catch(() => {});
    return;
  }
  if (request.type === 'open') {
    // The kernel compares nets by identity: two copies of one net would be reloaded at each change of slot.
    const net = 'sameAs' in request.net ? slots[request.net.sameAs]!.net : request.net;
    slots[request.slot] = { net, sweep: sweeper({ ...request.setup, net }) };
    return;
  }
  try {
    if (request.type === 'sweep') answerTask(request.slot, request.task);
    else {
      const { job }: JobModule<unknown, unknown> = await import(request.module);
      answer({ type: 'done', value: job(request.input) });
    }
  } catch (error) {
    answer({ type: 'error', error });
  }
}

let last = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  last = last.then(() => handle(request));
});
Atomics.store(workerData as Int32Array, 0, 1);
answer({ type: 'ready' });
