import { Effort } from '../effort.js';
import type { Means } from '../means.js';
import { curveSignatures } from './curve-signatures.js';
import { type MadeSignature, madeSignatures } from './signatures.js';

/** Keys whose signatures are looked for: more in one process are a store of them. */
const MOST_SIGNERS = 128;
/** Products of words that raising numbers to e may take: half a second. */
const MOST_FOR_SIGNATURES = 200_000_000;

interface Places extends Means {
  /** Length of the artifact in bytes. */
  length: number;
}

/** Signatures that these keys have made, by their canonical SubjectPublicKeyInfo. */
export function* madeBy(keys: readonly Uint8Array[], from: Places): Generator<MadeSignature> {
  const { length, shortfall, budget, ...places } = from;
  const tried = keys.slice(0, budget(MOST_SIGNERS));
  const left = keys.length - tried.length;
  if (left > 0) shortfall.add('signers', 'keys were not tried as makers of signatures', 0, length, left);
  const effort = new Effort(budget(MOST_FOR_SIGNATURES));
  yield* madeSignatures(tried, { ...places, effort }, (offset, length) =>
    shortfall.add('rsa-signatures', 'numbers were not tried as signatures', offset, offset + length),
  );
  yield* curveSignatures(tried, { ...places, budget }, (offset, length) =>
    shortfall.add(
      'curve-signatures',
      'signatures were not tried with every number that may have been signed',
      offset,
      offset + length,
    ),
  );
}
