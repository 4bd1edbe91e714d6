import { milliseconds } from '../base/runtime/clock.js';
import { NumberKernel } from '../search/core/kernel.js';
import { type Identities, ScalarTrial, type TrialBlock } from '../search/curves/scalars/trial.js';

/** The trial that this thread last worked on: its tables take as long as some blocks. */
let last: { id: number; kernel: NumberKernel; trial: ScalarTrial } | undefined;

/** This thread's trial of some identities. */
export function trialOf(identities: Identities): ScalarTrial {
  if (last?.id === identities.id) return last.trial;
  last?.kernel.release();
  const kernel = NumberKernel.take();
  last = { id: identities.id, kernel, trial: new ScalarTrial(kernel, identities) };
  return last.trial;
}

interface TrialInput {
  identities: Identities;
  block: TrialBlock;
}

/** The matches of a job, and its milliseconds in its thread. */
export interface Timed<T> {
  matches: T;
  spent: number;
}

export function timed<T>(work: () => T): Timed<T> {
  const start = milliseconds();
  const matches = work();
  return { matches, spent: milliseconds() - start };
}

/** Numbers of a block that match an identity, as a job of the pool. */
export const job = ({ identities, block }: TrialInput): Timed<Uint32Array> =>
  timed(() => trialOf(identities).matches(block));

/** Frees this thread's tables. */
export function forgetTrial(): void {
  last?.kernel.release();
  last = undefined;
}
