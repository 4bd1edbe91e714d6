import { gcd } from '../../base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import { mayBePrime, productOf } from '../core/product-tree.js';
import { chosenOf, type FamilySearch, type FragmentFound, fragment } from './key-from-part.js';
import type { Modulus } from './modulus.js';
import type { Part } from './run-edge-windows.js';
import { smallFactors } from './small-primes.js';

/** Public exponents up to this one are done by divisors, larger ones by powers. */
const MOST_E = 65_537;

/** Words of the product of all primes below {@link MOST_E}; what the greatest common divisor with it and its factors cost, in products of words. */
const PRIMORIAL = 1470;
const DIVISOR = 20_000;
/** Public exponents below this one have so few k that each is tried. */
const FEW = 64;
/** Divisors below e of a number: 12 on average. So many more are made up to cost time. */
const MOST_DIVISORS = 2048;

/** Numbers that are tried at once. */
const BATCH = 64;

/** A prime that one of some numbers may be the exponent of. */
interface Candidate {
  index: number;
  p: bigint;
}

/** How they are looked for, and what one number costs. */
interface Method {
  cost: number;
  candidates(exponents: readonly bigint[]): Iterable<Candidate>;
}

/**
 * dp = d mod (p-1), or dq: e * dp - 1 = k (p-1) with k < e. So k is one of the few divisors of e * dp - 1 below e, each gives
 * one p, and that divides the modulus or does not: a number is tried once for all moduli with the same e.
 */
export function* crtExponents(search: FamilySearch): Generator<FragmentFound> {
  const { family, edges, chosen, kernel, effort, leave } = search;
  const parts = edges(family.half);
  const [first, end] = chosenOf(parts, chosen);
  if (first === end) return;
  for (const [e, moduli] of byExponent(family.moduli)) {
    const product = productOf(moduli.map(({ n }) => n));
    const { cost, candidates } =
      e <= MOST_E ? byDivisors(kernel, e, moduli, family.half) : byPower(e, product, family.half);
    let tried = first;
    for (let spent = false; tried < end && !spent; ) {
      const batch: Part[] = [];
      for (; tried < end && batch.length < BATCH; tried++) {
        // e * dp is odd.
        const odd = parts.parts(tried).filter(({ value }) => value & 1n);
        spent = !effort.spend(cost * odd.length);
        if (spent) break;
        batch.push(...odd);
      }
      for (const { index, p } of candidates(batch.map(({ value }) => value))) {
        if (product % p !== 0n) continue;
        for (const modulus of moduli)
          if (modulus.n % p === 0n) yield fragment(modulus, 'dp', batch[index]!, { p });
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

function byDivisors(kernel: Kernel, e: bigint, moduli: readonly Modulus[], half: number): Method {
  const bits = moduli.map(({ n }) => bitLength(n));
  // Primes of n have half its bits; where one has a bit less, the other has one more.
  const least = 1n << BigInt((Math.min(...bits) >>> 1) - 2);
  const most = 1n << BigInt(((Math.max(...bits) + 1) >>> 1) + 1);
  const factoring = e < FEW ? Number(e) * half : 0.8 * PRIMORIAL * half + DIVISOR;
  const cost = factoring + (moduli.length * half * half) / 8;
  return {
    cost,
    *candidates(exponents) {
      const multiples = exponents.map((exponent) => e * exponent - 1n);
      const factors = e < FEW ? undefined : smallFactors(kernel, multiples);
      for (const [index, multiple] of multiples.entries()) {
        if (multiple < least) continue;
        const [from, to] = [Number(multiple / most), Math.min(Number(e), Number(multiple / least) + 1)];
        const divisors = factors ? divisorsOf(multiple, factors[index]!, to) : fewDivisors(multiple, to);
        for (const k of divisors) {
          // p is out of its bounds.
          if (k < from) continue;
          const p = multiple / BigInt(k) + 1n;
          if (p >= least && p < most && mayBePrime(p)) yield { index, p };
        }
      }
    },
  };
}

/** All divisors of a number below `limit`, which is small itself. */
const fewDivisors = (value: bigint, limit: number): number[] =>
  Array.from({ length: limit - 1 }, (_, i) => i + 1).filter((k) => value % BigInt(k) === 0n);

/** The same where its prime factors below `limit` are known. */
function divisorsOf(value: bigint, primes: readonly number[], limit: number): number[] {
  let divisors = [1];
  for (const prime of primes) {
    const powers: number[] = [];
    for (let power = prime; power < limit; power *= prime) {
      if (power > prime && value % BigInt(power) !== 0n) break;
      powers.push(power);
    }
    const multiples = divisors.flatMap((divisor) => powers.map((power) => divisor * power));
    divisors = [...divisors, ...multiples.filter((divisor) => divisor < limit)];
    if (divisors.length > MOST_DIVISORS) return [];
  }
  return divisors;
}

/** 2^(e * dp) = 2 mod p (Fermat). */
function byPower(e: bigint, product: bigint, half: number): Method {
  const words = Math.ceil(bitLength(product) / 64);
  const cost = (bitLength(e) + half * 64) * words * words * 2;
  return {
    cost,
    *candidates(exponents) {
      for (const [index, exponent] of exponents.entries()) {
        const p = gcd(powerOfTwo(e * exponent, product) - 2n, product);
        if (p !== 1n && p !== product) yield { index, p };
      }
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
