import type { Pausing } from '../../base/runtime/turns.js';
import type { SearchContext } from '../core/search-context.js';
import { SkippedWork } from '../core/skipped-work.js';
import { WorkBudget } from '../core/work-budget.js';
import { CurveSignatures } from './curve-signatures.js';
import { rsaSignatures } from './rsa-signatures.js';

/** Word products for RSA public-key operations, 0.5 s, and share of the usual effort on curves, 0.2 s. */
const EFFORT = { rsa: 200_000_000, onCurves: 1 / 5 } as const;

/**
 * Those of the keys, given as canonical SubjectPublicKeyInfo, that have made a signature of TLS or SSH in the
 * artifact. All of them, if not all could be tried.
 */
export function* signersOf(
  keys: readonly Uint8Array[],
  { budget, ...context }: SearchContext,
): Pausing<never, Set<Uint8Array>> {
  const skippedWork = new SkippedWork();
  const own = { ...context, skippedWork, budget: (usual: number) => budget(usual * EFFORT.onCurves) };
  const effort = new WorkBudget(budget(EFFORT.rsa), skippedWork);
  const signers = new Set<Uint8Array>();
  for (const search of [rsaSignatures(keys, { ...own, effort }), new CurveSignatures(own).madeBy(keys)])
    for (const made of search)
      if (made === undefined) yield;
      else signers.add(made.spki);
  return skippedWork.all().length > 0 ? new Set(keys) : signers;
}
