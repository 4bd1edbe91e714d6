import { gcd } from '../integers.js';
import { chosenOf, type FamilySearch, type FragmentFound, fragment } from './fragment.js';
import type { Modulus } from './modulus.js';
import { mayBePrime, primesBelow, productOf } from './products.js';
import { bitLength } from './readings.js';

/** Public exponents up to this one are done by divisors, larger ones by powers. */
const MOST_E = 65_537;

/** What the greatest common divisor with the primorial and its factors cost, in products of words. */
const DIVISOR = 20_000;
/** Public exponents below this one have so few k that each is tried. */
const FEW = 64;
/** Divisors below e of a number: 12 on average. So many more are made up to cost time. */
const MOST_DIVISORS = 2048;

let small: { primes: number[]; primorial: bigint } | undefined;

/** The primes below {@link MOST_E} and their product, of 94,000 bits. */
function smallPrimes(): { primes: number[]; primorial: bigint } {
  if (small === undefined) {
    const primes = primesBelow(MOST_E);
    small = { primes, primorial: productOf(primes.map(BigInt)) };
  }
  return small;
}

/** How the primes that a number may be the exponent of are looked for: what one number costs, and those primes. */
interface Method {
  cost: number;
  primes(exponent: bigint): Iterable<bigint>;
}

/**
 * dp = d mod (p-1), or dq: e * dp - 1 = k (p-1) with k < e. So k is one of the few divisors of e * dp - 1 below e, each gives
 * one p, and that divides the modulus or does not: a number is tried once for all moduli with the same e.
 */
export function* primeExponents(search: FamilySearch): Generator<FragmentFound> {
  const { family, edges, chosen, effort, leave } = search;
  const parts = edges(family.half);
  const [first, end] = chosenOf(parts, chosen);
  if (first === end) return;
  for (const [e, moduli] of byExponent(family.moduli)) {
    const product = productOf(moduli.map(({ n }) => n));
    const { cost, primes } =
      e <= MOST_E ? byDivisors(e, moduli, family.half) : byPower(e, product, family.half);
    let tried = first;
    for (; tried < end; tried++) {
      // e * dp is odd.
      const odd = parts.parts(tried).filter(({ value }) => value & 1n);
      if (!effort.spend(cost * odd.length)) break;
      for (const { value, ...place } of odd) {
        for (const p of primes(value)) {
          if (product % p !== 0n) continue;
          for (const modulus of moduli) if (modulus.n % p === 0n) yield fragment(modulus, 'dp', place, { p });
        }
      }
    }
    if (tried === end) continue;
    const { from, to } = parts.range(tried, end);
    leave('dp', 'numbers were not tried as dp or dq of the known moduli', end - tried, from, to);
  }
}

function byExponent(moduli: readonly Modulus[]): Map<bigint, Modulus[]> {
  const groups = new Map<bigint, Modulus[]>();
  for (const modulus of moduli) {
    if (modulus.solved || modulus.e < 3n) continue;
    groups.set(modulus.e, [...(groups.get(modulus.e) ?? []), modulus]);
  }
  return groups;
}

function byDivisors(e: bigint, moduli: readonly Modulus[], half: number): Method {
  const primorial = smallPrimes().primorial;
  const bits = moduli.map(({ n }) => bitLength(n));
  // Primes of n have half its bits; where one has a bit less, the other has one more.
  const least = 1n << BigInt((Math.min(...bits) >>> 1) - 2);
  const most = 1n << BigInt(((Math.max(...bits) + 1) >>> 1) + 1);
  const words = Math.ceil(bitLength(primorial) / 64);
  const factoring = e < FEW ? Number(e) * half : 0.8 * words * half + DIVISOR;
  const cost = factoring + (moduli.length * half * half) / 8;
  return {
    cost,
    *primes(exponent) {
      const multiple = e * exponent - 1n;
      if (multiple < least) return;
      for (const k of smoothDivisors(multiple, primorial, e)) {
        const p = multiple / k + 1n;
        if (p >= least && p < most && mayBePrime(p)) yield p;
      }
    },
  };
}

/** All divisors of a number below `limit`, which is at most {@link MOST_E}. */
function smoothDivisors(value: bigint, primorial: bigint, limit: bigint): bigint[] {
  if (limit < FEW)
    return Array.from({ length: Number(limit) - 1 }, (_, i) => BigInt(i + 1)).filter((k) => value % k === 0n);
  let divisors = [1n];
  for (const prime of primeFactors(gcd(value, primorial % value))) {
    const powers: bigint[] = [];
    for (let power = prime; power < limit && value % power === 0n; power *= prime) powers.push(power);
    const multiples = divisors.flatMap((divisor) => powers.map((power) => divisor * power));
    divisors = [...divisors, ...multiples.filter((divisor) => divisor < limit)];
    if (divisors.length > MOST_DIVISORS) return [];
  }
  return divisors;
}

/** Factors of a product of different primes below {@link MOST_E}. */
function primeFactors(product: bigint): bigint[] {
  const factors: number[] = [];
  let rest = product;
  // A double as long as it is exact: a hundred times as fast.
  let double = rest <= Number.MAX_SAFE_INTEGER ? Number(rest) : undefined;
  for (const prime of smallPrimes().primes) {
    if (double === undefined) {
      if (rest % BigInt(prime) !== 0n) continue;
      rest /= BigInt(prime);
      if (rest <= Number.MAX_SAFE_INTEGER) double = Number(rest);
    } else {
      if (prime * prime > double) break;
      // Exact below 2^53, and ten times as fast as a remainder of doubles.
      const quotient = Math.floor(double / prime);
      if (quotient * prime !== double) continue;
      double = quotient;
    }
    factors.push(prime);
  }
  // What is left is a prime itself.
  if (double !== undefined && double > 1) factors.push(double);
  return factors.map(BigInt);
}

/** 2^(e * dp) = 2 mod p (Fermat). */
function byPower(e: bigint, product: bigint, half: number): Method {
  const words = Math.ceil(bitLength(product) / 64);
  const cost = (bitLength(e) + half * 64) * words * words * 2;
  return {
    cost,
    *primes(exponent) {
      const p = gcd(powerOfTwo(e * exponent, product) - 2n, product);
      if (p !== 1n && p !== product) yield p;
    },
  };
}

/** 2^exponent mod m. */
function powerOfTwo(exponent: bigint, m: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % m;
    if (bit === '1') result = (result << 1n) % m;
  }
  return result;
}
