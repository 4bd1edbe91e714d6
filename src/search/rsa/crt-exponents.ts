/**
 * CRT exponents of known moduli: dp = d mod (p - 1), or dq. e * dp - 1 = k * (p - 1) with k < e, so k is one
 * of the divisors of e * dp - 1 below e. Each k gives one p, which divides the modulus or not. A number is
 * tried once for all moduli with the same e. Exponents too large for that are tried by powers, below.
 */

import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import { toBigint, toBytes } from '../../core/base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import { mayBePrime, productOf } from '../core/product-tree.js';
import type { CandidateCount } from '../core/skipped-work.js';
import { groupBy, type Modulus, targetOf, targetsOf } from './modulus.js';
import type { PlacedNumber } from './placed-number.js';
import { type KeyFromPart, keyFromPart, type PartSearch, subsetBounds } from './prime-parts.js';
import { type SharedPrimeCandidate, sharedPrimes } from './shared-primes.js';
import { factoringCost, limitFor, MAX_LIMIT, smallFactors } from './small-primes.js';

/** Up to here all k below e are tried. */
const MAX_ENUMERATED_E = 64;
/** Divisors of one number below e, 12 to 14 on average; a number with more is crafted to cost time. */
const MAX_DIVISORS = 2048;
/** Least numbers tried at once, and words of them in each word of the product of all primes below e. */
const BATCH = { least: 64, share: 1 / 2 };
/** Bits of the product of the primes below a limit, by limit. */
const PRIMORIAL_BITS = 1.44;

const NAMED = {
  search: 'rsa-known-n dp',
  what: 'numbers were not tried as dp or dq of the known moduli',
} as const;

export function* crtExponents(search: PartSearch): Generator<KeyFromPart> {
  const open = search.family.moduli.filter(({ e, solved }) => !solved && e >= 3n);
  for (const [e, moduli] of groupBy(open, ({ e }) => e))
    yield* e <= MAX_LIMIT ? byDivisors(search, Number(e), moduli) : crtPowers(search, moduli);
}

function* byDivisors(search: PartSearch, e: number, moduli: readonly Modulus[]): Generator<KeyFromPart> {
  const { family, edges, subset, kernel, effort } = search;
  const { half } = family;
  const windows = edges(half);
  const product = productOf(moduli.map(({ n }) => n));
  const limit = limitFor(e);
  const factoring = e < MAX_ENUMERATED_E ? e * half : factoringCost(limit, half);
  const cost = factoring + (moduli.length * half * half) / 8;
  const size = Math.max(BATCH.least, (BATCH.share * PRIMORIAL_BITS * limit) / (64 * half));
  const isLikely = subset === 'filling' ? 1 : 0;
  const placed = { ...NAMED, targets: targetsOf(moduli), count: 1, likely: isLikely };
  const [first, end] = subsetBounds(windows, subset);
  let tried = first;
  for (let spent = false; tried < end && !spent; ) {
    const batch: PlacedNumber[] = [];
    for (; tried < end && batch.length < size; tried++) {
      // p - 1 is even, so dp is odd.
      const odd = windows.numbers(tried).filter(({ value }) => value & 1n);
      spent = !effort.spend(cost * odd.length, { ...placed, ...windows.range(tried, tried + 1) });
      if (spent) break;
      batch.push(...odd);
    }
    const skip = (index: number) => {
      const { offset, length } = batch[index]!;
      effort.refuse({ ...placed, from: offset, to: offset + length });
    };
    const values = batch.map(({ value }) => value);
    for (const { index, p } of primesFrom(values, { kernel, e, moduli, skip })) {
      if (product % p !== 0n) continue;
      for (const modulus of moduli)
        if (modulus.n % p === 0n) yield keyFromPart(modulus, 'dp', batch[index]!, { p });
    }
  }
  // The number that was one too many is reported.
  const left = end - tried - 1;
  if (left <= 0) return;
  const rest = { ...placed, count: left, likely: isLikely * left, ...windows.range(tried + 1, end) };
  effort.refuse(rest);
}

/** p, if the number at `index` of a batch is the exponent of one. */
interface Candidate {
  index: number;
  p: bigint;
}

interface Divided {
  kernel: NumberKernel;
  e: number;
  moduli: readonly Modulus[];
  /** For the index of a number that is not tried. */
  skip(index: number): void;
}

function* primesFrom(
  exponents: readonly bigint[],
  { kernel, e, moduli, skip }: Divided,
): Generator<Candidate> {
  const bits = moduli.map(({ n }) => bitLength(n));
  // Bounds of a prime with half the bits of n; if one prime is a bit shorter, the other is a bit longer.
  const least = 1n << BigInt((Math.min(...bits) >>> 1) - 2);
  const most = 1n << BigInt(((Math.max(...bits) + 1) >>> 1) + 1);
  const multiples = exponents.map((exponent) => BigInt(e) * exponent - 1n);
  const factors = e < MAX_ENUMERATED_E ? undefined : smallFactors(kernel, multiples, limitFor(e));
  for (const [index, multiple] of multiples.entries()) {
    if (multiple < least) continue;
    const [from, to] = [Number(multiple / most), Math.min(e, Number(multiple / least) + 1)];
    const divisors = factors
      ? divisorsFromPrimes(multiple, factors[index]!, to)
      : divisorsByTrial(multiple, to);
    if (divisors === undefined) {
      skip(index);
      continue;
    }
    for (const k of divisors) {
      if (k < from) continue;
      const p = multiple / BigInt(k) + 1n;
      if (p >= least && p < most && mayBePrime(p)) yield { index, p };
    }
  }
}

/** Divisors of `value` below `limit`, by trial division. */
const divisorsByTrial = (value: bigint, limit: number): number[] =>
  Array.from({ length: limit - 1 }, (_, i) => i + 1).filter((k) => value % BigInt(k) === 0n);

/** Divisors of `value` below `limit`, from its prime factors; undefined if there are too many. */
function divisorsFromPrimes(value: bigint, primes: readonly number[], limit: number): number[] | undefined {
  let divisors = [1];
  for (const prime of primes) {
    const powers: number[] = [];
    for (let power = prime; power < limit; power *= prime) {
      if (power > prime && value % BigInt(power) !== 0n) break;
      powers.push(power);
    }
    const multiples = divisors.flatMap((divisor) => powers.map((power) => divisor * power));
    divisors = [...divisors, ...multiples.filter((divisor) => divisor < limit)];
    if (divisors.length > MAX_DIVISORS) return undefined;
  }
  return divisors;
}

/**
 * CRT exponents of known moduli whose e is too large for divisors: 2^(e * dp) = 2 mod p (Fermat), so p
 * divides gcd(2^(e * dp) - 2, n). OpenSSL computes the powers, as public keys of Diffie-Hellman (2 ms at
 * 2,048 bits, a fifth of what bigints take).
 */

const NAME = 'rsa-known-n dp';
const WHAT = 'numbers were not tried as dp or dq of the known moduli';

/** Work for one bit of the exponent, in squares of the words of n. */
const SQUARING = 0.5;

/**
 * Each number costs a power of its own for each modulus, so only targets have the budget of likely numbers
 * for it.
 */
function* crtPowers(search: PartSearch, moduli: readonly Modulus[]): Generator<KeyFromPart> {
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
      if (power === undefined) effort.refuse(candidate);
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
