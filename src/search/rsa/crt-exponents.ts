/**
 * CRT exponents of known moduli: dp = d mod (p - 1), or dq. e * dp - 1 = k * (p - 1) with k < e, so k is one
 * of the few divisors of e * dp - 1 below e. Each k gives one p, which divides the modulus or not. A number
 * is tried once for all moduli with the same e.
 */

import { gcd } from '../../base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import { mayBePrime, productOf } from '../core/product-tree.js';
import { groupBy } from './group-by.js';
import { type KeyFromPart, keyFromPart, type PartSearch, subsetBounds } from './key-from-part.js';
import { modPow } from './mod-pow.js';
import { type Modulus, targetsOf } from './modulus.js';
import type { PlacedNumber } from './placed-number.js';
import { smallFactors } from './small-primes.js';

/** Public exponents up to this one use divisors, larger ones a power (Fermat). */
const MAX_FACTORED_E = 65_537;
/** Up to here all k below e are tried. */
const MAX_ENUMERATED_E = 64;
/** Words of the product of all primes below {@link MAX_FACTORED_E}. */
const PRIMORIAL_WORDS = 1470;
/** Cost of the common divisor with that product and of its factors, in products of words. */
const FACTOR_COST = 20_000;
/** Divisors of one number below e, 12 on average; a number with more is crafted to cost time. */
const MAX_DIVISORS = 2048;
/** Encodings of a number in which it is odd, on average. */
const ODD_ENCODINGS = 1;
/** Numbers tried at once. */
const BATCH = 64;

/** p, if the number at `index` of a batch is the exponent of one. */
interface Candidate {
  index: number;
  p: bigint;
}

interface Method {
  /** Cost of one number, in products of words. */
  cost: number;
  /** `skip`: for the index of a number that is not tried. */
  candidates(exponents: readonly bigint[], skip: (index: number) => void): Iterable<Candidate>;
}

const NAMED = {
  search: 'rsa-known-n dp',
  what: 'numbers were not tried as dp or dq of the known moduli',
} as const;

export function* crtExponents(search: PartSearch): Generator<KeyFromPart> {
  const { family, edges, subset, kernel, effort } = search;
  const windows = edges(family.half);
  const [first, end] = subsetBounds(windows, subset);
  if (first === end) return;
  const open = family.moduli.filter(({ e, solved }) => !solved && e >= 3n);
  for (const [e, moduli] of groupBy(open, ({ e }) => e)) {
    const product = productOf(moduli.map(({ n }) => n));
    const { cost, candidates } =
      e <= MAX_FACTORED_E ? byDivisors(kernel, e, moduli, family.half) : byFermat(e, product, family.half);
    const placed = { ...NAMED, targets: targetsOf(moduli) };
    const likelyOf = (count: number) => (subset === 'filling' ? count : 0);
    let tried = first;
    for (let spent = false; tried < end && !spent; ) {
      const batch: PlacedNumber[] = [];
      for (; tried < end && batch.length < BATCH; tried++) {
        // p - 1 is even, so dp is odd.
        const odd = windows.numbers(tried).filter(({ value }) => value & 1n);
        const candidates = { ...placed, count: 1, likely: likelyOf(1), ...windows.range(tried, tried + 1) };
        spent = !effort.spend(cost * odd.length, candidates);
        if (spent) break;
        batch.push(...odd);
      }
      const values = batch.map(({ value }) => value);
      const skip = (index: number) => {
        const { offset, length } = batch[index]!;
        effort.refuse(cost, { ...placed, count: 1, likely: likelyOf(1), from: offset, to: offset + length });
      };
      for (const { index, p } of candidates(values, skip)) {
        if (product % p !== 0n) continue;
        for (const modulus of moduli)
          if (modulus.n % p === 0n) yield keyFromPart(modulus, 'dp', batch[index]!, { p });
      }
    }
    // The number that was one too many is reported.
    const count = end - tried - 1;
    if (count > 0)
      effort.refuse(count * cost * ODD_ENCODINGS, {
        ...{ ...placed, count, likely: likelyOf(count) },
        ...windows.range(tried + 1, end),
      });
  }
}

function byDivisors(kernel: NumberKernel, e: bigint, moduli: readonly Modulus[], half: number): Method {
  const bits = moduli.map(({ n }) => bitLength(n));
  // Bounds of a prime with half the bits of n; if one prime is a bit shorter, the other is a bit longer.
  const least = 1n << BigInt((Math.min(...bits) >>> 1) - 2);
  const most = 1n << BigInt(((Math.max(...bits) + 1) >>> 1) + 1);
  const factoring = e < MAX_ENUMERATED_E ? Number(e) * half : 0.8 * PRIMORIAL_WORDS * half + FACTOR_COST;
  const cost = factoring + (moduli.length * half * half) / 8;
  return {
    cost,
    *candidates(exponents, skip) {
      const multiples = exponents.map((exponent) => e * exponent - 1n);
      const factors = e < MAX_ENUMERATED_E ? undefined : smallFactors(kernel, multiples);
      for (const [index, multiple] of multiples.entries()) {
        if (multiple < least) continue;
        const [from, to] = [Number(multiple / most), Math.min(Number(e), Number(multiple / least) + 1)];
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
    },
  };
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

/** 2^(e * dp) = 2 mod p (Fermat), so p divides gcd(2^(e * dp) - 2, n). */
function byFermat(e: bigint, product: bigint, half: number): Method {
  const words = Math.ceil(bitLength(product) / 64);
  const cost = (bitLength(e) + half * 64) * words * words * 2;
  return {
    cost,
    *candidates(exponents) {
      for (const [index, exponent] of exponents.entries()) {
        const p = gcd(modPow(2n, e * exponent, product) - 2n, product);
        if (p !== 1n && p !== product) yield { index, p };
      }
    },
  };
}
