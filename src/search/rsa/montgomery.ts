/**
 * Constants of Montgomery contexts, in limbs as the library computes with them: R^2 mod p (R = 2^(64 words of
 * p)), so that p divides R^2 - (R^2 mod p), and p * R mod n, which has the factor p.
 */

import { type KeyFromPart, type PartSearch, subsetBounds } from './key-from-part.js';
import type { RunEdgeWindows } from './run-edge-windows.js';
import { type SharedPrimeCandidate, sharedPrimeCost, sharedPrimes } from './shared-primes.js';

/**
 * Moduli that are known from certificates and public keys only. With more than this many, they are assumed to
 * be the peers', not the process's own.
 */
const MAX_WRITTEN_MODULI = 16;

const NAME = 'rsa-known-n montgomery';
const WHAT = 'numbers were not tested as Montgomery constants of known moduli';

/**
 * For moduli that are bare numbers, next to which a library makes these constants, and for targets. The other
 * moduli are tried if they are few, with numbers that fill their runs.
 */
export function* montgomery(search: PartSearch): Generator<KeyFromPart> {
  const open = search.family.moduli.filter(({ solved }) => !solved);
  const likely = open.filter(({ bare, isTarget }) => bare || isTarget);
  const peers = open.filter((modulus) => !likely.includes(modulus));
  const isCovered = peers.length <= MAX_WRITTEN_MODULI || search.effort.isUnlimited;
  const tryAll = search.subset === 'filling' && isCovered;
  if (search.subset === 'filling' && !isCovered) refusePeers(peers.length, search);
  yield* sharedPrimes(candidates(search), tryAll ? open : likely, search, NAME, WHAT);
}

/** Of the moduli that are assumed to be the peers', none is tried. */
function refusePeers(peers: number, { family, edges, effort }: PartSearch): void {
  for (const windows of [edges(family.half), edges(family.words)]) {
    const count = windows.fillingCount;
    if (count === 0) continue;
    const cost = count * sharedPrimeCost(family.words, peers);
    const candidates = { search: NAME, what: WHAT, targets: ['blind'], count: count * peers } as const;
    effort.refuse(cost, { ...candidates, ...windows.range(0, count) });
  }
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
