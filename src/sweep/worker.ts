import { parentPort } from 'node:worker_threads';
import { openStorage, type Storage } from '../storage.js';
import { type KernelName, kernelFor } from './choose.js';
import { sweepTask, type Task } from './task.js';
import type { HitBatch, Net } from './types.js';

/** What a worker is told; `sweep` of a task names the opening before it. */
export type Order =
  | { type: 'open'; storage: Storage; net: Net; kernel: KernelName; stop: SharedArrayBuffer }
  | { type: 'sweep'; task: Task };

/** What it answers to each `sweep`. */
export type Answer = { batch: HitBatch } | { failure: unknown };

let run: ((task: Task) => HitBatch) | undefined;

function open({ storage, net, kernel: name, stop }: Extract<Order, { type: 'open' }>): void {
  const reader = openStorage(storage);
  const stopped = new Int32Array(stop);
  run = (task) => sweepTask(reader, kernelFor(name, net), task, () => Atomics.load(stopped, 0) !== 0);
}

parentPort?.on('message', (order: Order) => {
  if (order.type === 'open') {
    open(order);
    return;
  }
  try {
    const batch = run!(order.task);
    const answer: Answer = { batch };
    parentPort!.postMessage(answer, [batch.offsets.buffer as ArrayBuffer, batch.ids.buffer as ArrayBuffer]);
  } catch (failure) {
    parentPort!.postMessage({ failure } satisfies Answer);
  }
});
