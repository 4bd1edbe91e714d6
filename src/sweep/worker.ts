import { parentPort } from 'node:worker_threads';
import { type Opening, sweeper } from './sweeper.js';
import type { Task } from './task.js';
import type { HitBatch } from './types.js';

/** What a worker is told: an opening holds for the tasks that follow it. */
export type Order = { type: 'open'; opening: Opening } | { type: 'sweep'; task: Task };

/** What it answers: `ready` once, then one of the others to each `sweep`. */
export type Answer =
  | { type: 'ready' }
  | { type: 'batch'; batch: HitBatch }
  | { type: 'error'; error: unknown };

const port = parentPort!;
let sweep: ((task: Task) => HitBatch) | undefined;

function answer(what: Answer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(what, transfer);
}

port.on('message', (order: Order) => {
  if (order.type === 'open') {
    sweep = sweeper(order.opening);
    return;
  }
  try {
    const batch = sweep!(order.task);
    const { offsets, ids, runs, digits, numbers } = batch;
    const lists = [runs, digits].flatMap((list) => (list ? [list.offsets, list.words] : []));
    const columns = [offsets, ids, ...lists];
    const buffers = columns.map(({ buffer }) => buffer as ArrayBuffer);
    answer({ type: 'batch', batch }, numbers ? [...buffers, numbers] : buffers);
  } catch (error) {
    answer({ type: 'error', error });
  }
});
answer({ type: 'ready' });
