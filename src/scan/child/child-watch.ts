import { workerData } from 'node:worker_threads';
import { endAtLimit } from './child-memory.js';

/**
 * A thread of a child that ends its process when that has more memory than it may, or when its parent is
 * gone: also while the main thread computes for long.
 */

/** Milliseconds between two looks. */
const PAUSE = 25;

/** `memory`: bytes of resident memory; 0: no limit. */
const { memory, parent } = workerData as { memory: number; parent: number };

const never = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  Atomics.wait(never, 0, 0, PAUSE);
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  endAtLimit(memory);
}
