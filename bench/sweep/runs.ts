import type { Storage } from '../../src/core/base/bytes/storage.js';
import type { Net } from '../../src/sweep/types.js';
import type { KernelName } from '../../test/support/scalar-kernel/kernels.js';
import { batchesOf } from './passes.js';

/** Bytes for the scalar twin of the entropy net, which is a hundred times slower. */
const SLICE = 32 * 2 ** 20;

/** The runs of one thread over a slice, as `offset words`. */
function runsOf(name: KernelName, net: Net, storage: Storage): string[] {
  const slice = { ...storage, length: Math.min(SLICE, storage.length) };
  const runs: string[] = [];
  for (const batch of batchesOf(name, { net, storage: slice, runs: true })) {
    for (const [i, offset] of batch.runs!.offsets.entries()) runs.push(`${offset} ${batch.runs!.words[i]}`);
  }
  return runs;
}

/** The number of runs in a slice. Throws unless the kernel and its scalar twin agree on each. */
export function assertRuns(name: KernelName, net: Net, storage: Storage): number {
  const [ours, twins] = [runsOf(name, net, storage), runsOf('scalar', net, storage)];
  if (ours.length !== twins.length || ours.some((run, i) => run !== twins[i]))
    throw new Error(`${name}: ${ours.length} runs differ from the scalar twin's ${twins.length}`);
  return ours.length;
}
