import {
  constants,
  createHash,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { bitLength, toBigint, toBytes } from '../core/base/bytes/integers.js';
import type { Secret } from '../core/base/crypto/secret.js';
import { type Attempt, exponentiation, type ProofBudget } from './attempt.js';

/** The odd primes below 2,000 and their product, computed at first use: most scans prove nothing. */
let small: { primes: readonly number[]; product: bigint } | undefined;

function smallPrimes(): { primes: readonly number[]; product: bigint } {
  const primes: number[] = [];
  for (let n = 3; n < 2_000; n += 2) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return { primes, product: primes.reduce((product, p) => product * BigInt(p), 1n) };
}

/**
 * The smallest odd prime below 2,000 that divides `value`, or undefined: one long division, then short ones.
 */
export function smallFactor(value: bigint): number | undefined {
  small ??= smallPrimes();
  const rest = value % small.product;
  return small.primes.find((p) => rest % BigInt(p) === 0n);
}

/**
 * Miller-Rabin rounds (FIPS 186-5, B.3.1) with random bases. A composite chosen to deceive passes with a
 * probability of at most 4^-8, a random one with less than 2^-100. OpenSSL runs 64 rounds, and 128 above
 * 2,048 bits.
 */
const ROUNDS = 8;
/** Above {@link FAST_BITS} a round costs 20 ms and more. */
const SLOW_ROUNDS = 3;

function millerRabin(value: bigint, rounds: number): boolean {
  let odd = value - 1n;
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos++;
  }
  const raise = powerOf(odd, value);
  const length = toBytes(value).length;
  for (let round = 0; round < rounds; round++) {
    const base = (toBigint(randomBytes(length)) % (value - 3n)) + 2n;
    let x = raise(base);
    let witness = x !== 1n && x !== value - 1n;
    for (let i = 1; witness && i < twos; i++) {
      x = (x * x) % value;
      if (x === value - 1n) witness = false;
    }
    if (witness) return false;
  }
  return true;
}

const roundsFor = (bits: number): number => (bits <= FAST_BITS ? ROUNDS : SLOW_ROUNDS);

/** Digests of tested primes: DSA keys share their group, and copies of a key occur in many dumps. */
const tested = new Set<string>();
const REMEMBERED = 1_024;

/** Probabilistic primality. */
function isPrime(value: bigint, bits = bitLength(toBytes(value))): boolean {
  if (value < 4n) return value === 2n || value === 3n;
  const factor = (value & 1n) === 0n ? 2 : smallFactor(value);
  if (factor !== undefined) return value === BigInt(factor);
  const id = createHash('sha256').update(toBytes(value)).digest('base64');
  if (tested.has(id)) return true;
  const prime = millerRabin(value, roundsFor(bits));
  if (prime && tested.size < REMEMBERED) tested.add(id);
  return prime;
}

/** Work units for a prime and for a composite without small factors, in exponentiations (measured). */
const COST = { prime: 3, composite: 1 };

/** {@link isPrime}, charged to the proof. */
export function testPrime(value: bigint, proof: Attempt, bits = bitLength(toBytes(value))): boolean {
  proof.begin();
  const prime = isPrime(value, bits);
  proof.charge(exponentiation(bits) * (prime ? COST.prime : COST.composite));
  return prime;
}

/** True if a number is composite; false as well if the budget is spent. */
export function isComposite(value: bigint, budget: ProofBudget): boolean {
  const bits = bitLength(toBytes(value));
  if (!budget.covers(0) || bits > MOST_BITS || isPrime(value, bits)) return false;
  budget.charge(exponentiation(bits) * COST.composite);
  return true;
}

/**
 * Ends the proof unless each value is prime. The digest of a published key fixes the values, which were
 * proven before.
 */
export function checkPrimes(
  values: readonly { name: string; value: bigint }[],
  proof: Attempt,
  isPublished: boolean,
): void {
  const names = namesOf(values);
  if (isPublished) {
    proof.statements.push(`${names} the primes of a published key`);
    return;
  }
  const lengths = values.map(({ value }) => bitLength(toBytes(value)));
  for (const [i, { name, value }] of values.entries())
    proof.require(testPrime(value, proof, lengths[i]), `${name} is not prime`);
  const rounds = Math.min(...lengths.map(roundsFor));
  proof.statements.push(`${names} prime (Miller-Rabin, ${rounds} rounds)`);
}

/** `p and q are` */
function namesOf(values: readonly { name: string }[]): string {
  return `${values.map(({ name }) => name).join(' and ')} ${values.length === 1 ? 'is' : 'are'}`;
}

/**
 * Upper bound on integers in proofs, in bits: OpenSSL's limit for an RSA modulus
 * (OPENSSL_RSA_MAX_MODULUS_BITS).
 */
export const MOST_BITS = 16_384;

/** True if any of the integers is longer than {@link MOST_BITS}: checked before any arithmetic. */
export function tooLong(parts: Iterable<Uint8Array | Secret | undefined>): boolean {
  return [...parts].some((part) => {
    if (part === undefined) return false;
    return bitLength(part instanceof Uint8Array ? part : part.reveal()) > MOST_BITS;
  });
}

/** base^exponent mod m with a fixed 4-bit window: 9 ms at 2,048 bits, 2 s at 16,384. Not constant-time. */
export function power(base: bigint, exponent: bigint, m: bigint): bigint {
  const table = [1n % m, base % m];
  for (let i = 2; i < 16; i++) table.push(((table[i - 1] ?? 0n) * (table[1] ?? 0n)) % m);
  let result = table[0] ?? 0n;
  for (const digit of exponent.toString(16)) {
    for (let i = 0; i < 4; i++) result = (result * result) % m;
    const nibble = Number.parseInt(digit, 16);
    if (nibble !== 0) result = (result * (table[nibble] ?? 0n)) % m;
  }
  return result;
}

/**
 * Longest modulus for which OpenSSL accepts public exponents of any length (OPENSSL_RSA_SMALL_MODULUS_BITS).
 */
const FAST_BITS = 3_072;

/** An OpenSSL public key; undefined if it is rejected. */
function publicKey(n: bigint, e: bigint): KeyObject | undefined {
  const part = (value: bigint) => Buffer.from(toBytes(value)).toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'RSA', n: part(n), e: part(e) }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/**
 * The function x^exponent mod m, for an odd m above the exponent, and x below m. OpenSSL's RSA without
 * padding computes it ten times as fast as {@link power}: 0.1 ms at 1,024 bits, 0.6 ms at 2,048.
 */
export function powerOf(exponent: bigint, m: bigint): (x: bigint) => bigint {
  const length = toBytes(m).length;
  const key = bitLength(toBytes(m)) <= FAST_BITS ? publicKey(m, exponent) : undefined;
  return (x) => {
    if (key === undefined) return power(x, exponent, m);
    const block = Buffer.alloc(length);
    const bytes = toBytes(x);
    block.set(bytes, length - bytes.length);
    try {
      return toBigint(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block));
    } catch {
      return power(x, exponent, m);
    }
  };
}
