import type { Pausing } from '../../core/base/runtime/turns.js';
import type { SearchClock } from '../core/search-clock.js';
import type { SearchContext } from '../core/search-context.js';
import { SkippedWork, WorkBudget } from '../core/skipped-work.js';
import { CurveSignatures } from './curve-signatures.js';
import { type MadeSignature, rsaSignatures } from './rsa-signatures.js';

/** Keys whose signatures are searched for: a process with more is a key store. */
const MAX_SIGNERS = 128;
/** Word products for RSA public-key operations: half a second. */
const RSA_BUDGET = 200_000_000;

interface AttributionContext extends SearchContext {
  /** Length of the artifact in bytes. */
  length: number;
  clock: SearchClock;
}

/** Attributes signatures in the artifact to the keys that made them. */
export class Attribution {
  readonly #context: AttributionContext;
  readonly #onCurves: CurveSignatures;

  constructor(context: AttributionContext) {
    this.#context = context;
    this.#onCurves = new CurveSignatures(context);
  }

  /** Collects the signatures that known keys may have made, while other threads are still at work. */
  *prefetch(keys: readonly Uint8Array[]): Pausing<never> {
    yield* this.#context.clock.each('curve-signatures', this.#onCurves.expect(this.#tried(keys)));
  }

  /** Signatures of these keys, given as canonical SubjectPublicKeyInfo. */
  *signaturesOf(keys: readonly Uint8Array[]): Pausing<MadeSignature> {
    const { length, budget, clock, ...context } = this.#context;
    const tried = this.#tried(keys);
    const left = keys.length - tried.length;
    const what = 'keys were not tried as signers';
    context.skippedWork.add('signers', { target: 'blind', left }, what, 0, length);
    const effort = new WorkBudget(budget(RSA_BUDGET), context.skippedWork);
    yield* clock.each('rsa-signatures', rsaSignatures(tried, { ...context, effort }));
    yield* clock.each('curve-signatures', this.#onCurves.madeBy(tried));
  }

  #tried(keys: readonly Uint8Array[]): readonly Uint8Array[] {
    return keys.slice(0, this.#context.budget(MAX_SIGNERS));
  }
}

/** Word products for RSA public-key operations, 0.5 s, and share of the usual effort on curves, 0.2 s. */
const SIGNER_EFFORT = { rsa: 200_000_000, onCurves: 1 / 5 } as const;

/**
 * Those of the keys, given as canonical SubjectPublicKeyInfo, that have made a signature of TLS or SSH in the
 * artifact. All of them, if not all could be tried.
 */
export function* signersOf(
  keys: readonly Uint8Array[],
  { budget, ...context }: Omit<AttributionContext, 'clock'>,
): Pausing<never, Set<Uint8Array>> {
  const skippedWork = new SkippedWork();
  const own = { ...context, skippedWork, budget: (usual: number) => budget(usual * SIGNER_EFFORT.onCurves) };
  const effort = new WorkBudget(budget(SIGNER_EFFORT.rsa), skippedWork);
  const signers = new Set<Uint8Array>();
  for (const search of [rsaSignatures(keys, { ...own, effort }), new CurveSignatures(own).madeBy(keys)])
    for (const made of search)
      if (made === undefined) yield;
      else signers.add(made.spki);
  return skippedWork.all().length > 0 ? new Set(keys) : signers;
}
