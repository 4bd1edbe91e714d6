import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { FRAMES, OUT_OF_MEMORY } from './messages.js';

/**
 * A thread of a child that ends its process when that has more memory than it may, or when its parent is
 * gone: also while the main thread computes for long.
 */

/** Milliseconds between two looks. */
const PAUSE = 25;

/** `memory`: bytes of resident memory; 0: no limit. */
const { memory, parent } = workerData as { memory: number; parent: number };

const end = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const never = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  Atomics.wait(never, 0, 0, PAUSE);
  if (process.ppid !== parent) end();
  if (memory === 0 || process.memoryUsage.rss() <= memory) continue;
  try {
    writeSync(FRAMES, OUT_OF_MEMORY);
  } finally {
    end();
  }
}
