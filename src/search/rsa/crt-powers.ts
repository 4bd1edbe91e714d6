/**
 * CRT exponents of known moduli whose e is too large for divisors: 2^(e * dp) = 2 mod p (Fermat), so p
 * divides gcd(2^(e * dp) - 2, n). OpenSSL computes the powers, as public keys of Diffie-Hellman (2 ms at
 * 2,048 bits, a fifth of what bigints take).
 */

import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import { toBigint, toBytes } from '../../core/base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { CandidateCount } from '../core/work-budget.js';
import { type KeyFromPart, type PartSearch, subsetBounds } from './key-from-part.js';
import { type Modulus, targetOf } from './modulus.js';
import { type SharedPrimeCandidate, sharedPrimes } from './shared-primes.js';

const NAME = 'rsa-known-n dp';
const WHAT = 'numbers were not tried as dp or dq of the known moduli';

/** Work for one bit of the exponent, in squares of the words of n. */
const SQUARING = 0.5;

/**
 * Each number costs a power of its own for each modulus, so only targets have the budget of likely numbers
 * for it.
 */
export function* crtPowers(search: PartSearch, moduli: readonly Modulus[]): Generator<KeyFromPart> {
  for (const modulus of moduli) {
    const effort = modulus.isTarget ? search.effort : search.otherEffort;
    const family = { ...search.family, moduli: [modulus] };
    yield* sharedPrimes(
      candidates({ ...search, effort }, modulus),
      [modulus],
      { family, effort },
      NAME,
      WHAT,
    );
  }
}

function* candidates(search: PartSearch, modulus: Modulus): Generator<SharedPrimeCandidate> {
  const { family, edges, subset, effort } = search;
  const windows = edges(family.half);
  const [first, end] = subsetBounds(windows, subset);
  const cost = SQUARING * (bitLength(modulus.e) + family.half * 64) * family.words ** 2;
  const likely = subset === 'filling' ? 1 : 0;
  const placed = { search: NAME, what: WHAT, targets: [targetOf(modulus)], count: 1, likely } as const;
  const powerOfTwo = powersOfTwo(modulus.n);
  for (let i = first; i < end; i++) {
    const candidate: CandidateCount = { ...placed, ...windows.range(i, i + 1) };
    for (const { value, ...place } of windows.numbers(i)) {
      // p - 1 is even, so dp is odd.
      if ((value & 1n) === 0n || !effort.spend(cost, candidate)) continue;
      const power = powerOfTwo(modulus.e * value);
      if (power === undefined) effort.refuse(cost, candidate);
      else if (power > 2n) yield { ...place, value: power - 2n, part: 'dp' };
    }
  }
}

/** 2^x mod n; undefined where OpenSSL has a bound: below 512 bits, above 10,000. */
function powersOfTwo(n: bigint): (x: bigint) => bigint | undefined {
  let group: DiffieHellman | undefined;
  return (x) => {
    try {
      // Takes as long as several powers.
      group ??= createDiffieHellman(toBytes(n), 2);
      group.setPrivateKey(toBytes(x));
      return toBigint(group.generateKeys());
    } catch {
      return undefined;
    }
  };
}
