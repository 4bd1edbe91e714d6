import { rangeReader } from '../core/base/bytes/direct-reads.js';
import type { Storage } from '../core/base/bytes/storage.js';
import { HitFilter } from './hit-filter.js';
import { type KernelName, kernelFor, sweepInTurns } from './kernel-select.js';
import { SharedTickets, sweepSteps, sweepTask } from './sweep-task.js';
import type { TaskHandler } from './task-queue.js';
import type { HitBatch, Net } from './types.js';
import { ValueFilter } from './value-filter.js';

/** What all tasks of a sweep have in common: structured-clone data, posted to each thread that takes part. */
export interface SweepSetup {
  storage: Storage;
  net: Net;
  kernel: KernelName;
  /** Use the fused kernel, which also finds runs. */
  runs: boolean;
  /** The memory of a {@link SharedTickets}; undefined if one thread sweeps a single task. */
  tickets?: SharedArrayBuffer;
  /** Seams: see SweepOptions. */
  seams?: Float64Array;
}

interface Filters {
  hits: HitFilter | undefined;
  values: ValueFilter | undefined;
}

/** Those without seams, of this thread: most members of archives have none. */
const withoutSeams = new WeakMap<Net, Filters>();

function filtersOf(net: Net, seams: Float64Array | undefined): Filters {
  const isShared = seams?.length === 0;
  const known = isShared ? withoutSeams.get(net) : undefined;
  if (known !== undefined) return known;
  const { values: { names } = {}, filter, unfiltered } = net;
  const filters = {
    values: names && !unfiltered ? new ValueFilter(names, seams) : undefined,
    hits: filter && seams && !unfiltered ? new HitFilter(filter, seams) : undefined,
  };
  if (isShared) withoutSeams.set(net, filters);
  return filters;
}

type Sweep<T> = (...of: Parameters<typeof sweepTask>) => T;

/** Sweeps tasks with the kernel of the calling thread. */
export const sweeper = (setup: SweepSetup): TaskHandler<HitBatch | undefined> => sweepingBy(setup, sweepTask);

/** {@link sweeper} in slices. */
export const sweeperInTurns = (setup: SweepSetup): TaskHandler<Promise<HitBatch> | undefined> =>
  sweepingBy(setup, (...of) => sweepInTurns(sweepSteps(...of)));

function sweepingBy<T>(setup: SweepSetup, sweep: Sweep<T>): TaskHandler<T | undefined> {
  const { storage, net, kernel, runs, tickets, seams } = setup;
  const reader = rangeReader(storage);
  const shared = tickets && SharedTickets.from(tickets);
  const { hits, values } = filtersOf(net, seams);
  return (task) =>
    (shared?.claim(task) ?? true)
      ? sweep(reader, kernelFor(kernel, net, runs), task, shared, hits, values)
      : undefined;
}
