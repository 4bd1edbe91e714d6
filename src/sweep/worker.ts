import { parentPort, workerData } from 'node:worker_threads';
import { type Opening, sweeper } from './sweeper.js';
import type { Task } from './task.js';
import type { Sweep } from './task-queue.js';
import type { HitBatch, Net } from './types.js';

/** What a worker is told: an opening holds for the tasks of its slot that follow it. */
export type Order =
  /** `like`: a slot whose net this one's is. */
  | { type: 'open'; slot: number; opening: Omit<Opening, 'net'>; net: Net | { like: number } }
  | { type: 'sweep'; slot: number; task: Task }
  /** A module that it will be told to run. */
  | { type: 'load'; module: string }
  /** A module whose export `job` makes plain data of plain data. */
  | { type: 'run'; module: string; argument: unknown };

/** What it answers: `ready` once, then one of the others to each `sweep` and `run`, in their order. */
export type Answer = { type: 'ready' } | { type: 'done'; value: unknown } | { type: 'error'; error: unknown };

const port = parentPort!;
const slots: { net: Net; sweep: Sweep<HitBatch | undefined> }[] = [];

function answer(what: Answer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(what, transfer);
}

function answerTask(slot: number, task: Task): void {
  const batch = slots[slot]!.sweep(task);
  if (batch === undefined) {
    answer({ type: 'done', value: undefined });
    return;
  }
  const { offsets, ids, runs, digits, texts, numbers } = batch;
  const lists = [runs, digits, texts].flatMap((list) => (list ? [list.offsets, list.words] : []));
  const columns = [offsets, ids, ...lists];
  const buffers = columns.map(({ buffer }) => buffer as ArrayBuffer);
  answer({ type: 'done', value: batch }, numbers ? [...buffers, numbers] : buffers);
}

async function obey(order: Order): Promise<void> {
  if (order.type === 'load') {
    // What became of it is told where it is to be run.
    await import(order.module).catch(() => {});
    return;
  }
  if (order.type === 'open') {
    // One net in two objects would be loaded at each change between them.
    const net = 'like' in order.net ? slots[order.net.like]!.net : order.net;
    slots[order.slot] = { net, sweep: sweeper({ ...order.opening, net }) };
    return;
  }
  try {
    if (order.type === 'sweep') answerTask(order.slot, order.task);
    else {
      const { job } = (await import(order.module)) as { job: (argument: unknown) => unknown };
      answer({ type: 'done', value: job(order.argument) });
    }
  } catch (error) {
    answer({ type: 'error', error });
  }
}

let last = Promise.resolve();
port.on('message', (order: Order) => {
  last = last.then(() => obey(order));
});
Atomics.store(workerData as Int32Array, 0, 1);
answer({ type: 'ready' });
