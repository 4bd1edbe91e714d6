import { checkPrimeSync, randomBytes } from 'node:crypto';
import { bitLength, toBigint, toBytes } from '../integers.js';
import { type Attempt, exponentiation } from './attempt.js';
import { power } from './integers.js';

/** The odd primes below 2,000. */
const SMALL_PRIMES: readonly number[] = (() => {
  const primes: number[] = [];
  for (let n = 3; n < 2_000; n += 2) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes;
})();
const PRODUCT = SMALL_PRIMES.reduce((product, p) => product * BigInt(p), 1n);

/** The smallest odd prime below 2,000 that divides `value`, or undefined. One long division, then short ones. */
export function smallFactor(value: bigint): number | undefined {
  const rest = value % PRODUCT;
  return SMALL_PRIMES.find((p) => rest % BigInt(p) === 0n);
}

/**
 * Above this length OpenSSL's own test runs 128 rounds (BN_check_prime): 9 s for a 4,096-bit prime.
 * Fewer rounds of our own bound the work there; each lets a composite through with a chance of at most 1/4.
 */
const OPENSSL_BITS = 2_048;
const ROUNDS = 3;

function millerRabin(value: bigint, rounds: number): boolean {
  let odd = value - 1n;
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos++;
  }
  const length = toBytes(value).length;
  for (let round = 0; round < rounds; round++) {
    const base = (toBigint(randomBytes(length)) % (value - 3n)) + 2n;
    let x = power(base, odd, value);
    let witness = x !== 1n && x !== value - 1n;
    for (let i = 1; witness && i < twos; i++) {
      x = (x * x) % value;
      if (x === value - 1n) witness = false;
    }
    if (witness) return false;
  }
  return true;
}

/** Probabilistic primality: 64 rounds and more up to {@link OPENSSL_BITS}, {@link ROUNDS} rounds above. */
function isPrime(value: bigint, bits: number): boolean {
  if (value < 4n) return value === 2n || value === 3n;
  const factor = (value & 1n) === 0n ? 2 : smallFactor(value);
  if (factor !== undefined) return value === BigInt(factor);
  return bits <= OPENSSL_BITS ? checkPrimeSync(value) : millerRabin(value, ROUNDS);
}

/** Units of work of a prime and of a composite without small factors, as multiples of one exponentiation (measured). */
const COST = { prime: 20, composite: 1 };

/** Each value is prime, or the proof ends. */
export function checkPrimes(values: readonly { name: string; value: bigint }[], proof: Attempt): void {
  const lengths = values.map(({ value }) => bitLength(toBytes(value)));
  for (const [i, { name, value }] of values.entries()) {
    const bits = lengths[i] ?? 0;
    proof.begin();
    const prime = isPrime(value, bits);
    proof.charge(exponentiation(bits) * (prime ? COST.prime : COST.composite));
    proof.require(prime, `${name} is not prime`);
  }
  const names = values.map(({ name }) => name).join(' and ');
  const method =
    Math.max(...lengths) <= OPENSSL_BITS ? 'probabilistic test' : `Miller-Rabin, ${ROUNDS} rounds`;
  proof.statements.push(`${names} ${values.length === 1 ? 'is' : 'are'} prime (${method})`);
}
