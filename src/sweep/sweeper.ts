import { rangeReader } from '../base/bytes/direct-reads.js';
import type { Storage } from '../base/bytes/storage.js';
import { HitFilter } from './hit-filter.js';
import { type KernelName, kernelFor } from './kernel-select.js';
import { SharedTickets } from './shared-tickets.js';
import { sweepTask } from './sweep-task.js';
import type { TaskHandler } from './task-queue.js';
import type { HitBatch, Net } from './types.js';
import { ValueFilter } from './value-filter.js';

/** What all tasks of a sweep have in common: structured-clone data, posted to each thread that takes part. */
export interface SweepSetup {
  storage: Storage;
  /** As netFor made it for `kernel`. */
  net: Net;
  kernel: KernelName;
  /** Use the fused kernel, which also finds runs. */
  runs: boolean;
  /** The memory of a {@link SharedTickets}. */
  tickets: SharedArrayBuffer;
  /** As in SweepOptions. */
  seams?: Float64Array;
}

/** Sweeps tasks with the kernel of the calling thread. */
export function sweeper(setup: SweepSetup): TaskHandler<HitBatch | undefined> {
  const { storage, net, kernel, runs, tickets, seams } = setup;
  const reader = rangeReader(storage);
  const shared = SharedTickets.from(tickets);
  const names = net.values?.names;
  const valueFilter = names && !net.unfiltered ? new ValueFilter(names, seams) : undefined;
  const filter = net.filter && seams && !net.unfiltered ? new HitFilter(net.filter, seams) : undefined;
  return (task) =>
    shared.claim(task)
      ? sweepTask(reader, kernelFor(kernel, net, runs), task, shared, filter, valueFilter)
      : undefined;
}
