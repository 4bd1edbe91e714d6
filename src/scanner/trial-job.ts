import { Kernel } from '../search/core/kernel.js';
import { type Identities, Trial, type TrialBlock } from '../search/curves/scalars/trial.js';

/** The trial that this thread last worked on: its tables take as long as some blocks. */
let last: { id: number; kernel: Kernel; trial: Trial } | undefined;

/** This thread's trial of some identities. */
export function trialOf(identities: Identities): Trial {
  if (last?.id === identities.id) return last.trial;
  last?.kernel.release();
  const kernel = Kernel.take();
  last = { id: identities.id, kernel, trial: new Trial(kernel, identities) };
  return last.trial;
}

interface TrialInput {
  identities: Identities;
  block: TrialBlock;
}

/** Numbers of a block that match an identity, as a job of the pool. */
export const job = ({ identities, block }: TrialInput): Uint32Array => trialOf(identities).matches(block);

/** Frees this thread's tables. */
export function forgetTrial(): void {
  last?.kernel.release();
  last = undefined;
}
