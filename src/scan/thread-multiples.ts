import { milliseconds } from '../core/base/runtime/clock.js';
import { wipeAfterRuns } from '../core/base/runtime/scratch.js';
import { NumberKernel } from '../search/core/kernel.js';
import { BlockMultiples } from '../search/curves/scalars/block-multiples.js';

/** This thread's curves: their tables take as long as some blocks. */
let last: { kernel: NumberKernel; multiples: BlockMultiples } | undefined;
wipeAfterRuns(forgetMultiples);

export function threadMultiples(): BlockMultiples {
  if (last === undefined) {
    const kernel = NumberKernel.take();
    last = { kernel, multiples: new BlockMultiples(kernel) };
  }
  return last.multiples;
}

/** Frees this thread's tables. */
export function forgetMultiples(): void {
  last?.kernel.release();
  last = undefined;
}

/** The output of a job, and its milliseconds in its thread. */
export interface Timed<T> {
  output: T;
  spent: number;
}

export function timed<T>(work: () => T): Timed<T> {
  const start = milliseconds();
  const output = work();
  return { output, spent: milliseconds() - start };
}
