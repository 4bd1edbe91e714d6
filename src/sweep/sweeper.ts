import { openStorage, type Storage } from '../base/bytes/storage.js';
import { HitFilter } from './hit-filter.js';
import { type KernelName, kernelFor } from './kernel-select.js';
import { SharedTickets } from './shared-tickets.js';
import { sweepTask } from './task.js';
import type { Sweep } from './task-queue.js';
import type { HitBatch, Net } from './types.js';

/** What a row of tasks is about: plain data, posted to each thread that takes part. */
export interface Opening {
  storage: Storage;
  /** As netFor made it for `kernel`. */
  net: Net;
  kernel: KernelName;
  /** The entropy net hangs in the pass. */
  runs: boolean;
  /** The memory of a {@link SharedTickets}. */
  state: SharedArrayBuffer;
  /** As in SweepOptions. */
  seams?: Float64Array;
}

/** Sweeps tasks with this thread's own kernel: undefined for one that another thread has begun. */
export function sweeper({ storage, net, kernel, runs, state, seams }: Opening): Sweep<HitBatch | undefined> {
  const reader = openStorage(storage);
  const shared = SharedTickets.from(state);
  const sifter = net.sieve && seams ? new HitFilter(net.sieve, seams) : undefined;
  return (task) =>
    shared.take(task) ? sweepTask(reader, kernelFor(kernel, net, runs), task, shared, sifter) : undefined;
}
