import { identify } from '../../../src/prove/fingerprint.js';
import type { Judged } from '../../../src/prove/judge/judged.js';
import type { Fold } from '../../../src/scan/policy/fold.js';

/** Folds a candidate; returns the id of its finding, or undefined if it is not listed. */
export function addJudged(fold: Fold, judged: Judged): string | undefined {
  const identity = identify(judged.candidate, judged.proof);
  return fold.judged(judged, identity) ? identity.id : undefined;
}
