/**
 * Keys of known moduli with three primes and more, of which all, or all but one, are at edges of runs.
 * The missing prime is the cofactor of the others in n.
 */

import { toBigint } from '../../core/base/bytes/integers.js';
import { INSIDE, placeAt, sizeOf } from '../core/columns.js';
import { bitLength } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import { type Modulus, targetsOf } from './modulus.js';
import { type PlacedNumber, READ_COST, readNumber } from './placed-number.js';
import { type KeyFromPart, keyFromPart, type PartSearch } from './prime-parts.js';
import { privateExponent } from './rsa-key.js';
import { type SharedPrimeCandidate, sharedPrimes } from './shared-primes.js';

/**
 * Number of primes, and bits of the shortest modulus for which OpenSSL generates that number
 * (rsa_multip_cap).
 */
const PRIME_COUNTS = [
  { count: 3, least: 1024 },
  { count: 4, least: 4096 },
  { count: 5, least: 8192 },
] as const;
/** Bits by which a prime can be longer or shorter than its share. */
const SIZE_SLACK = 2;

const NAME = 'rsa-known-n primes';
const SKIPPED = 'numbers were not tried as divisors of known moduli';

export function* manyPrimes({ otherEffort, ...others }: PartSearch): Generator<KeyFromPart> {
  const search = { ...others, otherEffort, effort: otherEffort };
  const factors = new Map<Modulus, PlacedNumber[]>();
  const found = sharedPrimes(candidates(search), search.family.moduli, search, NAME, SKIPPED);
  for (const { modulus, material, offset, length, reading } of found) {
    const prime = material.p ?? material.q;
    if (prime === undefined) continue;
    const value = toBigint(prime.reveal());
    const known = factors.get(modulus) ?? [];
    factors.set(modulus, known);
    if (known.some((other) => other.value === value)) continue;
    known.push({ value, offset, length, reading });
    const d = exponentOf(modulus, known);
    if (d !== undefined) yield keyFromPart(modulus, 'p', known[0]!, { d });
  }
}

/** d from these factors and their cofactor, which the proof tests for primality. */
function exponentOf({ n, e }: Modulus, factors: readonly PlacedNumber[]): bigint | undefined {
  const primes = factors.map(({ value }) => value);
  const cofactor = primes.reduce((left, prime) => (left % prime === 0n ? left / prime : 0n), n);
  if (cofactor === 0n || primes.length < 2) return undefined;
  return privateExponent(e, cofactor > 1n ? [...primes, cofactor] : primes);
}

function* candidates({
  family,
  windows,
  bytes,
  publicPlaces,
  effort,
}: PartSearch): Generator<SharedPrimeCandidate> {
  const named = { search: NAME, what: SKIPPED, targets: targetsOf(family.moduli), count: 1 } as const;
  for (const size of sizesOf(family.moduli)) {
    const columns = windows.get(size);
    for (let i = 0; i < (columns?.length ?? 0); i++) {
      if (columns!.places[i] === INSIDE) continue;
      const { offset, length } = placeAt(columns!, i, size);
      if (publicPlaces.overlaps(offset, offset + length)) continue;
      if (!effort.spend(READ_COST, { ...named, from: offset, to: offset + length })) continue;
      const number = readNumber(columns!, i, size, bytes);
      if (number && mayBePrime(number.value)) yield { ...number, part: 'p' };
    }
  }
}

/** Sizes of windows that may hold a prime of one of the moduli. */
function sizesOf(moduli: readonly Modulus[]): Set<number> {
  const open = moduli.filter(({ solved }) => !solved);
  return new Set(open.flatMap(({ n }) => [...primeSizesOf(bitLength(n))]));
}

/** Sizes of windows that may hold one of three primes or more of a modulus of `bits` bits. */
function primeSizesOf(bits: number): Set<number> {
  const sizes = new Set<number>();
  for (const { count, least } of PRIME_COUNTS) {
    if (bits < least) continue;
    const share = Math.round(bits / count);
    for (let near = share - SIZE_SLACK; near <= share + SIZE_SLACK; near++) sizes.add(sizeOf(near));
  }
  return sizes;
}
