/**
 * Constants of Montgomery contexts, in limbs as the library computes with them: R^2 mod p (R = 2^(64 words of
 * p)), so that p divides R^2 - (R^2 mod p), and p * R mod n, which has the factor p.
 */

import { type KeyFromPart, type PartSearch, subsetBounds } from './key-from-part.js';
import type { RunEdgeWindows } from './run-edge-windows.js';
import { type SharedPrimeCandidate, sharedPrimes } from './shared-primes.js';

/**
 * Moduli that are known from certificates and public keys only. With more than this many, they are assumed to
 * be the peers', not the process's own.
 */
const MAX_WRITTEN_MODULI = 16;

/**
 * For moduli that are bare numbers, next to which a library makes these constants, and for targets. The other
 * moduli are tried if they are few, with numbers that fill their runs.
 */
export function* montgomery(search: PartSearch): Generator<KeyFromPart> {
  const open = search.family.moduli.filter(({ solved }) => !solved);
  const likely = open.filter(({ bare, isTarget }) => bare || isTarget);
  const tryAll = search.subset === 'filling' && open.length - likely.length <= MAX_WRITTEN_MODULI;
  const what = 'numbers were not tested as Montgomery constants of known moduli';
  yield* sharedPrimes(candidates(search), tryAll ? open : likely, search, 'montgomery', what);
}

function* candidates({ family, edges, subset }: PartSearch): Generator<SharedPrimeCandidate> {
  const rSquared = 1n << BigInt(family.half * 128);
  for (const { value, ...place } of limbs(edges(family.half), subset))
    yield { ...place, value: rSquared - value, part: 'R^2 mod p' };
  for (const number of limbs(edges(family.words), subset)) yield { ...number, part: 'p*R mod n' };
}

function* limbs(windows: RunEdgeWindows, subset: PartSearch['subset']) {
  const [first, end] = subsetBounds(windows, subset);
  for (let i = first; i < end; i++) yield windows.number(i, 'limbs-le');
}
