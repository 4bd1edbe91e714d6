import { openStorage, type Storage } from '../../src/core/base/bytes/storage.js';
import { HitList } from '../../src/sweep/hits.js';
import { type KernelName, openKernel } from '../../src/sweep/kernel-select.js';
import type { SweepPool } from '../../src/sweep/pool.js';
import { sweepTask } from '../../src/sweep/sweep-task.js';
import type { HitBatch, Net } from '../../src/sweep/types.js';
import { type KernelName as AnyKernel, kernelFor } from '../../test/support/scalar-kernel/kernels.js';

/** Bytes of one kernel call, and of one task. */
export const CHUNK = 2 ** 20;
const TASK = 4 * CHUNK;

export type Hits = Pick<HitBatch, 'offsets' | 'ids'>;
/** One sweep over a whole file. */
export type Pass = () => Hits | Promise<Hits>;

/** The matcher of a pass; with `runs` it includes the entropy net. */
export interface Subject {
  net: Net;
  storage: Storage;
  runs?: boolean;
}

/** Concatenates the hits of batches. */
function join(batches: readonly Hits[]): Hits {
  const length = batches.reduce((sum, { ids }) => sum + ids.length, 0);
  const all = { offsets: new Float64Array(length), ids: new Uint32Array(length) };
  let at = 0;
  for (const { offsets, ids } of batches) {
    all.offsets.set(offsets, at);
    all.ids.set(ids, at);
    at += ids.length;
  }
  return all;
}

/** The hits of a list of pattern ids; others are those of the value net. */
export function only({ offsets, ids }: Hits, wanted: ReadonlySet<number>): Hits {
  const kept = Array.from(ids.keys()).filter((i) => wanted.has(ids[i]!));
  return {
    offsets: Float64Array.from(kept, (i) => offsets[i]!),
    ids: Uint32Array.from(kept, (i) => ids[i]!),
  };
}

/** The file is in the kernel's own memory. */
export function inMemory(name: KernelName, { net, storage, runs = false }: Subject): Pass {
  const kernel = openKernel(name, net.kind, runs);
  kernel.load(net);
  const size = storage.length;
  openStorage(storage).read(0, kernel.window(size));
  return () => {
    const batches: Hits[] = [];
    for (let from = 0; from < size; from += TASK) {
      const hits = new HitList();
      kernel.runs?.clear();
      kernel.digits?.clear();
      kernel.texts?.clear();
      kernel.values?.clear();
      for (let at = from; at < Math.min(size, from + TASK); at += CHUNK) {
        const to = Math.min(size, at + CHUNK);
        kernel.scan(at, to, Math.min(size, to + net.longest - 1), -from, hits);
      }
      batches.push(hits.finish(from));
    }
    return join(batches);
  };
}

/** One thread's batches over the file, read from the page cache chunk by chunk. */
export function* batchesOf(name: AnyKernel, { net, storage, runs = false }: Subject): Generator<HitBatch> {
  const reader = openStorage(storage);
  const kernel = kernelFor(name, net, runs);
  for (let from = 0; from < storage.length; ) {
    const to = Math.min(storage.length, from + TASK);
    const batch = sweepTask(reader, kernel, { from, to, chunk: CHUNK, longest: net.longest });
    yield batch;
    from = batch.to;
  }
}

export function fromFile(name: KernelName, subject: Subject): Pass {
  return () => join([...batchesOf(name, subject)]);
}

/** The way the command sweeps. */
export function throughPool(pool: SweepPool, { net, storage, runs = false }: Subject): Pass {
  return async () => {
    const batches: Hits[] = [];
    for await (const batch of pool.sweep(storage, net, { from: 0, to: storage.length }, { runs })) {
      batches.push(batch);
    }
    return join(batches);
  };
}
