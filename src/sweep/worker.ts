import { parentPort } from 'node:worker_threads';
import { type Opening, sweeper } from './sweeper.js';
import type { Task } from './task.js';
import type { HitBatch } from './types.js';

/** What a worker is told: an opening holds for the tasks that follow it. */
export type Order =
  | { type: 'open'; opening: Opening }
  | { type: 'sweep'; task: Task }
  /** A module whose default export makes plain data of plain data. */
  | { type: 'run'; module: string; argument: unknown };

/** What it answers: `ready` once, then one of the others to each `sweep` and `run`, in their order. */
export type Answer = { type: 'ready' } | { type: 'done'; value: unknown } | { type: 'error'; error: unknown };

const port = parentPort!;
let sweep: ((task: Task) => HitBatch) | undefined;

function answer(what: Answer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(what, transfer);
}

function answerTask(task: Task): void {
  const batch = sweep!(task);
  const { offsets, ids, runs, digits, texts, numbers } = batch;
  const lists = [runs, digits, texts].flatMap((list) => (list ? [list.offsets, list.words] : []));
  const columns = [offsets, ids, ...lists];
  const buffers = columns.map(({ buffer }) => buffer as ArrayBuffer);
  answer({ type: 'done', value: batch }, numbers ? [...buffers, numbers] : buffers);
}

async function obey(order: Order): Promise<void> {
  if (order.type === 'open') {
    sweep = sweeper(order.opening);
    return;
  }
  try {
    if (order.type === 'sweep') answerTask(order.task);
    else {
      const { default: job } = (await import(order.module)) as { default: (argument: unknown) => unknown };
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
answer({ type: 'ready' });
