import { randomBytes } from 'node:crypto';
import { gcd, toBigint, toBytes } from '../integers.js';
import { type Attempt, exponentiation } from './attempt.js';
import { power } from './integers.js';
import { smallFactor } from './primes.js';

/** Each try splits n with a chance of at least 1/2 (NIST SP 800-56B, appendix C.1). */
const TRIES = 20;

/** Longest modulus that is split without a prime: garbage of this length costs half a second to reject, twice the length eight. */
const MOST_BITS_TO_SPLIT = 8_192;

function bits(value: bigint): number {
  return toBytes(value).length * 8;
}

/** Most bytes that are not a key have a small factor: no exponentiation is spent on them. */
function reject(n: bigint, proof: Attempt): void {
  const small = smallFactor(n);
  if (small !== undefined) proof.contradict(`n has the factor ${small}`);
  if (bits(n) > MOST_BITS_TO_SPLIT)
    proof.undecided(`no prime is there, and n is longer than the ${MOST_BITS_TO_SPLIT} bits that are split`);
  proof.begin();
}

/** A root of 1 modulo n other than 1 and -1 on the way from g^odd to g^(odd * 2^twos); `false`: g^k is not 1. */
function nontrivialRoot(g: bigint, odd: bigint, twos: number, n: bigint): bigint | undefined | false {
  let x = power(g, odd, n);
  if (x === 1n || x === n - 1n) return undefined;
  for (let i = 0; i < twos; i++) {
    const square = (x * x) % n;
    if (square === 1n) return x;
    if (square === n - 1n) return undefined;
    x = square;
  }
  return false;
}

/**
 * p and q, the larger first, from n, e and d: e*d - 1 is a multiple of the order of every g modulo n
 * (NIST SP 800-56B revision 2, appendix C.1).
 */
export function factorByExponent(n: bigint, e: bigint, d: bigint, proof: Attempt): [bigint, bigint] {
  let odd = e * d - 1n;
  proof.require((odd & 1n) === 0n, 'd is even');
  reject(n, proof);
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos++;
  }
  const cost = (exponentiation(bits(n)) * bits(odd)) / bits(n);
  for (let tries = 0; tries < TRIES; tries++) {
    const g = (toBigint(randomBytes(bits(n) / 8)) % (n - 3n)) + 2n;
    const root = nontrivialRoot(g, odd, twos, n);
    proof.charge(cost);
    proof.require(root !== false, 'not true: g^(e*d) = g mod n');
    if (!root) continue;
    const p = gcd(root - 1n, n);
    proof.statements.push('n, e and d split n into p and q');
    return p > n / p ? [p, n / p] : [n / p, p];
  }
  return proof.undecided('n, e and d did not split n');
}

/** The prime that `exponent` belongs to, then the other: a^(e*dp) = a mod p, so p divides a^(e*dp) - a (Fermat). */
export function factorByPrimeExponent(
  n: bigint,
  e: bigint,
  exponent: bigint,
  name: 'dp' | 'dq',
  proof: Attempt,
): [bigint, bigint] {
  reject(n, proof);
  const cost = (exponentiation(bits(n)) * bits(e * exponent)) / bits(n);
  for (const base of [2n, 3n, 5n]) {
    const p = gcd(power(base, e * exponent, n) - base + n, n);
    proof.charge(cost);
    proof.require(p !== 1n, `${name} does not belong to a factor of n`);
    if (p === n) continue;
    proof.statements.push(`n, e and ${name} split n into p and q`);
    return [p, n / p];
  }
  return proof.undecided(`n, e and ${name} did not split n`);
}
