import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { writeRsaPrivateKey } from '../core/asn1/pkcs1.js';
import { gcd, inverse, lcm, toBigint, toBytes } from '../core/base/bytes/integers.js';
import { Secret } from '../core/base/crypto/secret.js';
import { type Attempt, exponentiation } from './attempt.js';
import { MOST_BITS, power, smallFactor, testPrime } from './primes.js';

/** Each try splits n with a probability of at least 1/2 (NIST SP 800-56B, appendix C.1). */
const TRIES = 20;

/**
 * Longest number to split, in bits: rejecting garbage of this length takes 0.5 s, of twice the length 4 s.
 * Longer ones only if e*d is consistent with n.
 */
const MOST_BITS_TO_SPLIT = 8_192;
/** Longest exponent to split by: a d of that length times any e in use. */
const MOST_BITS_OF_MULTIPLE = MOST_BITS_TO_SPLIT + 64;

/** Shorter factors are no primes of a key. */
const LEAST_BITS = 64;

type Primes = RsaKey['primes'];

function bits(value: bigint): number {
  return toBytes(value).length * 8;
}

/** Largest g of an exponent d that is reduced modulo (p-1)(q-1)/g. */
const MOST_DIVISOR = 64n;

/** e*d - 1 is k/g times (p-1)(q-1), which is slightly less than n. Garbage passes once in 2^1000. */
function isConsistent(n: bigint, product: bigint): boolean {
  // The difference is p + q: more than the square root of n, and with four primes about n^(3/4). k has 16
  // bits.
  const [least, most] = [bits(n) / 2 - 8, (bits(n) * 3) / 4 + 16].map(BigInt) as [bigint, bigint];
  for (let g = 2n; g <= MOST_DIVISOR; g += 2n) {
    const rest = n - ((g * product) % n);
    if (rest >> least !== 0n && rest >> most === 0n) return true;
  }
  return false;
}

/**
 * Cheap rejection before any exponentiation: most numbers that are no modulus have a small factor, and others
 * are too long.
 */
function rejectCheaply(m: bigint, exponent: bigint, proof: Attempt): void {
  const small = smallFactor(m);
  if (small !== undefined) proof.contradict(`n has the factor ${small}`);
  if (bits(m) > MOST_BITS_TO_SPLIT && bits(m) <= MOST_BITS && isConsistent(m, exponent + 1n)) return;
  if (bits(m) > MOST_BITS_TO_SPLIT)
    proof.undecided(`n over the known primes is longer than ${MOST_BITS_TO_SPLIT} bits`);
  if (bits(exponent) > MOST_BITS_OF_MULTIPLE)
    proof.undecided(`e times a private exponent is longer than ${MOST_BITS_OF_MULTIPLE} bits`);
}

/**
 * A square root of 1 modulo n other than 1 and -1, on the way from g^odd to g^(odd * 2^twos); `false`: the
 * power is not 1.
 */
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
 * The primes of n, the largest first, from e and d: e*d - 1 is a multiple of the order of every g modulo n
 * and modulo each of its factors (NIST SP 800-56B revision 2, appendix C.1; multi-prime keys: RFC 8017, 3.2).
 */
export function factorByExponent(n: bigint, e: bigint, d: bigint, proof: Attempt): Primes {
  proof.require((d & 1n) === 1n, 'd is even');
  const [p, q] = split(n, e * d - 1n, proof);
  const primes = [p, q].flatMap((factor) => primesOf(factor, e * d - 1n, proof)) as Primes;
  const names = primes.length === 2 ? 'p and q' : `${primes.length} primes`;
  proof.statements.push(`n, e and d split n into ${names}`);
  return primes.sort((a, b) => (a < b ? 1 : -1));
}

/** The primes of a factor of n; `multiple` as in {@link split}. */
export function primesOf(factor: bigint, multiple: bigint, proof: Attempt): bigint[] {
  if (bits(factor) < LEAST_BITS || testPrime(factor, proof)) return [factor];
  return split(factor, multiple, proof).flatMap((part) => primesOf(part, multiple, proof));
}

/** Splits m into two factors; `multiple` is a multiple of the order of every g. */
function split(m: bigint, multiple: bigint, proof: Attempt): [bigint, bigint] {
  rejectCheaply(m, multiple, proof);
  let odd = multiple;
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos++;
  }
  const cost = (exponentiation(bits(m)) * bits(multiple)) / bits(m);
  for (let tries = 0; tries < TRIES; tries++) {
    proof.begin();
    const g = (toBigint(randomBytes(bits(m) / 8)) % (m - 3n)) + 2n;
    const root = nontrivialRoot(g, odd, twos, m);
    proof.charge(cost);
    proof.require(root !== false, 'not true: g^(e*d) = g mod n');
    if (root) {
      const p = gcd(root - 1n, m);
      return [p, m / p];
    }
    if (tries === 0) checkDifferent(m, multiple, proof);
  }
  return proof.undecided('n, e and d did not split n');
}

/**
 * A prime power has no square roots of 1 but 1 and -1, so that no try would succeed. The order of nearly
 * every g modulo r^k is a multiple of r, and so is `multiple`; with different primes it is not, unless one
 * divides another less one.
 */
function checkDifferent(m: bigint, multiple: bigint, proof: Attempt): void {
  if (gcd(multiple, m) !== 1n) proof.undecided('e*d - 1 shares a factor with n, as with equal primes');
  proof.require(!testPrime(m, proof), 'n is prime');
}

/** The prime of `exponent`, then the other: a^(e*dp) = a mod p, so p divides a^(e*dp) - a (Fermat). */
export function factorByPrimeExponent(
  n: bigint,
  e: bigint,
  exponent: bigint,
  name: 'dp' | 'dq',
  proof: Attempt,
): [bigint, bigint] {
  rejectCheaply(n, e * exponent, proof);
  const cost = (exponentiation(bits(n)) * bits(e * exponent)) / bits(n);
  for (const base of [2n, 3n, 5n]) {
    proof.begin();
    const p = gcd(power(base, e * exponent, n) - base + n, n);
    proof.charge(cost);
    proof.require(p !== 1n, `${name} does not belong to a factor of n`);
    if (p === n) continue;
    proof.statements.push(`n, e and ${name} split n into p and q`);
    return [p, n / p];
  }
  return proof.undecided(`n, e and ${name} did not split n`);
}

/** Largest public exponent for the search over k. */
const MOST_E = 65_537n;
/** Work units of that search for an exponent of 1,024 bits: 10 ms. */
const MULTIPLES = 10;
/**
 * Work units of one trial division, by the square of the length in 1,024 bits: a hostile number has thousands
 * of divisors below e.
 */
const DIVISION = 0.002;

type Parts = Readonly<Record<'p' | 'q' | 'dp' | 'dq' | 'qinv', bigint>>;

/** p if n is lost too: p divides qinv*q - 1 (RFC 8017, 3.2). */
export function pFromExponents(
  { q, dp, qinv }: Pick<Parts, 'q' | 'dp' | 'qinv'>,
  e: bigint,
  proof: Attempt,
): bigint {
  const product = qinv * q - 1n;
  const p = product > 0n ? primeByExponent(e, dp, (p) => product % p === 0n, proof) : undefined;
  proof.statements.push('p computed from q, dp and qinv');
  return p ?? proof.contradict('no p belongs to q, dp and qinv');
}

/** q if n is lost too. */
export function qFromExponents(
  { p, dq, qinv }: Pick<Parts, 'p' | 'dq' | 'qinv'>,
  e: bigint,
  proof: Attempt,
): bigint {
  const q = primeByExponent(e, dq, (q) => (qinv * q) % p === 1n, proof);
  proof.statements.push('q computed from p, dq and qinv');
  return q ?? proof.contradict('no q belongs to p, dq and qinv');
}

/** The prime of an exponent: e*dp - 1 = k(p-1) with k below e. */
function primeByExponent(
  e: bigint,
  exponent: bigint,
  fits: (prime: bigint) => boolean,
  proof: Attempt,
): bigint | undefined {
  if (e > MOST_E)
    proof.undecided('n and a prime are missing, and e is too long to compute the prime from its exponent');
  const multiple = e * exponent - 1n;
  const length = bits(exponent) / 1_024;
  proof.begin();
  proof.charge(MULTIPLES * Math.max(1, length));
  for (let k = 1n; k < e; k++) {
    if (multiple % k !== 0n) continue;
    proof.begin();
    proof.charge(DIVISION * Math.max(1, length ** 2));
    if (fits(multiple / k + 1n)) return multiple / k + 1n;
  }
  return undefined;
}

/** A whole key; `primes` are p, q and any further primes of a multi-prime key. */
export interface RsaKey {
  n: bigint;
  e: bigint;
  primes: [bigint, bigint, ...bigint[]];
  /** lcm(p-1, q-1, …): the exponent of the multiplicative group. */
  lambda: bigint;
}

export function product(primes: readonly bigint[]): bigint {
  return primes.reduce((all, prime) => all * prime, 1n);
}

/** lcm(p-1, q-1, …) */
export function lcmOf(primes: readonly bigint[]): bigint {
  return primes.reduce((all, prime) => lcm(all, prime - 1n), 1n);
}

/** DER RSAPrivateKey (RFC 8017, A.1.2). */
function pkcs1({ n, e, primes, lambda }: RsaKey): Buffer {
  const [p, q, ...others] = primes;
  const d = inverse(e, lambda) ?? 0n;
  const secret = (value: bigint) => new Secret(toBytes(value));
  const infos = others.map((r, i) => ({
    r: secret(r),
    d: secret(d % (r - 1n)),
    t: secret(inverse(product(primes.slice(0, i + 2)), r) ?? 0n),
  }));
  return Buffer.from(
    writeRsaPrivateKey({
      type: 'rsa',
      n: toBytes(n),
      e: toBytes(e),
      d: secret(d),
      p: secret(p),
      q: secret(q),
      dp: secret(d % (p - 1n)),
      dq: secret(d % (q - 1n)),
      qinv: secret(inverse(q, p) ?? 0n),
      ...(infos.length > 0 && { others: infos }),
    }),
  );
}

/**
 * Signs a random message and verifies it. With checked exponents this is a Fermat test of all primes at once.
 * Undefined if this Node's OpenSSL rejects the key (an e above 64 bits, sizes that a FIPS provider excludes).
 */
export function roundTrip(key: RsaKey, canonicalSpki: Uint8Array): boolean | undefined {
  try {
    const privateKey = createPrivateKey({ key: pkcs1(key), format: 'der', type: 'pkcs1' });
    const publicKey = createPublicKey({ key: Buffer.from(canonicalSpki), format: 'der', type: 'spki' });
    const message = randomBytes(32);
    return verify('sha256', message, publicKey, sign('sha256', message, privateKey));
  } catch {
    return undefined;
  }
}
