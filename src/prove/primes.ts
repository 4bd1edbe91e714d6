import { createHash, randomBytes } from 'node:crypto';
import { bitLength, toBigint, toBytes } from '../base/bytes/integers.js';
import { type Attempt, exponentiation } from './attempt.js';
import { FAST_BITS, powerOf } from './modular-power.js';

/** The odd primes below 2,000 and their product; made when first asked for, since most scans prove nothing. */
let small: { primes: readonly number[]; product: bigint } | undefined;

function smallPrimes(): { primes: readonly number[]; product: bigint } {
  const primes: number[] = [];
  for (let n = 3; n < 2_000; n += 2) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return { primes, product: primes.reduce((product, p) => product * BigInt(p), 1n) };
}

/** The smallest odd prime below 2,000 that divides `value`, or undefined. One long division, then short ones. */
export function smallFactor(value: bigint): number | undefined {
  small ??= smallPrimes();
  const rest = value % small.product;
  return small.primes.find((p) => rest % BigInt(p) === 0n);
}

/**
 * Rounds of Miller-Rabin (FIPS 186-5, B.3.1) with random bases: a composite that somebody chose to deceive passes with a chance
 * of at most 4^-8, one that chance made with less than 2^-100. OpenSSL's own check runs 64 rounds, above 2,048 bits 128.
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

/** Primes that were tested, by their bytes' digest: many keys of DSA and copies of one key in many dumps share theirs. */
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

/** Units of work of a prime and of a composite without small factors, as multiples of one exponentiation (measured). */
const COST = { prime: 3, composite: 1 };

/** {@link isPrime}, paid for by the proof. */
export function testPrime(value: bigint, proof: Attempt, bits = bitLength(toBytes(value))): boolean {
  proof.begin();
  const prime = isPrime(value, bits);
  proof.charge(exponentiation(bits) * (prime ? COST.prime : COST.composite));
  return prime;
}

/** Each value is prime, or the proof ends. */
export function checkPrimes(values: readonly { name: string; value: bigint }[], proof: Attempt): void {
  const names = namesOf(values);
  const lengths = values.map(({ value }) => bitLength(toBytes(value)));
  for (const [i, { name, value }] of values.entries())
    proof.require(testPrime(value, proof, lengths[i]), `${name} is not prime`);
  const rounds = Math.min(...lengths.map(roundsFor));
  proof.statements.push(`${names} prime (Miller-Rabin, ${rounds} rounds)`);
}

/** The same where a published key's digest binds the values: the list has keys that were proven before. */
export function knownPrimes(values: readonly { name: string; value: bigint }[], proof: Attempt): void {
  proof.statements.push(`${namesOf(values)} those of a published key`);
}

/** `p and q are` */
function namesOf(values: readonly { name: string }[]): string {
  return `${values.map(({ name }) => name).join(' and ')} ${values.length === 1 ? 'is' : 'are'}`;
}
