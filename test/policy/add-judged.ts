import type { Judged } from '../../src/judge/judged.js';
import type { Fold } from '../../src/policy/fold.js';
import { identify } from '../../src/prove/fingerprint.js';

/** Folds a candidate; returns the id of its finding, or undefined if it is not listed. */
export function addJudged(fold: Fold, judged: Judged): string | undefined {
  const identity = identify(judged.candidate, judged.proof);
  return fold.judged(judged, identity) ? identity.id : undefined;
}
