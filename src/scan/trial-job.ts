import type { NumberBlock } from '../search/curves/scalars/block-multiples.js';
import { type Identities, ScalarTrial } from '../search/curves/scalars/trial.js';
import { type Timed, threadMultiples, timed } from './thread-multiples.js';

/** The trial that this thread last worked on: its tables take as long as some blocks. */
let last: { id: number; trial: ScalarTrial } | undefined;

/** This thread's trial of some identities. */
export function trialOf(identities: Identities): ScalarTrial {
  const { id } = identities;
  if (last?.id !== id) last = { id, trial: new ScalarTrial(threadMultiples, identities) };
  return last.trial;
}

interface TrialInput {
  identities: Identities;
  block: NumberBlock;
}

/** Numbers of a block that match an identity, as a job of the pool. */
export const job = ({ identities, block }: TrialInput): Timed<Uint32Array> =>
  timed(() => trialOf(identities).matches(block));

/** Frees this thread's tables. */
export function forgetTrial(): void {
  last = undefined;
}
