import { gcd, inverse, toBigint, toBytes } from '../core/base/bytes/integers.js';
import { Secret } from '../core/base/crypto/secret.js';
import type { Component, RsaMaterial } from '../core/model/key-material.js';
import { type Attempt, attempt, exponentiation } from './attempt.js';
import { pendingResult, provenResult } from './derived.js';
import { rsaIdentity } from './identity.js';
import { checkPrimes, MOST_BITS, smallFactor, tooLong } from './primes.js';
import { publishedKey } from './published.js';
import {
  factorByExponent,
  factorByPrimeExponent,
  lcmOf,
  pFromExponents,
  primesOf,
  product,
  qFromExponents,
  type RsaKey,
  roundTrip,
} from './rsa-factor.js';
import type { Prover } from './types.js';

/** Shortest accepted modulus, in bits. */
const LEAST_BITS = 512;
/** The exponent of nearly every key; assumed, as a statement says, if e is lost. */
const USUAL_E = 65_537n;
/** Larger exponents are not in use: a larger e computed from d shows that d is wrong. */
const MOST_DERIVED_E = 1n << 64n;

/** The integers found. */
type Found = { [name in 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qinv']?: bigint } & {
  others: { r: bigint; d: bigint; t: bigint }[];
};

const NAMES = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qinv'] as const;

function read(material: RsaMaterial, proof: Attempt): Found {
  const others = material.others ?? [];
  const parts = NAMES.map((name) => material[name]);
  if (tooLong([...parts, ...others.flatMap(({ r, d, t }) => [r, d, t])]))
    proof.undecided(`a part is longer than ${MOST_BITS} bits`);
  const number = (part: Uint8Array | Secret) => toBigint(part instanceof Secret ? part.reveal() : part);
  const found: Found = {
    others: others.map(({ r, d, t }) => ({ r: number(r), d: number(d), t: number(t) })),
  };
  for (const name of NAMES) {
    const part = material[name];
    if (part) found[name] = number(part);
  }
  return found;
}

/** Conditions on single parts (RFC 8017, 3.1 and 3.2). */
function checkParts(found: Found, proof: Attempt): void {
  const { n, e } = found;
  for (const name of NAMES) proof.require(found[name] !== 0n, `${name} is zero`);
  if (n !== undefined) {
    if (n >> BigInt(LEAST_BITS - 1) === 0n) proof.undecided(`n is shorter than ${LEAST_BITS} bits`);
    proof.require((n & 1n) === 1n, 'n is even');
  }
  if (e !== undefined) {
    proof.require((e & 1n) === 1n && e >= 3n, 'e is not an odd number of at least 3');
    proof.require(n === undefined || e < n, 'e is not smaller than n');
  }
}

/** The primes, as found or from any part that splits n. */
function factor(found: Found, proof: Attempt): RsaKey['primes'] {
  const { n, d, p, q, dp, dq } = found;
  if (p !== undefined && q !== undefined) {
    const primes: RsaKey['primes'] = [p, q, ...found.others.map(({ r }) => r)];
    if (n === undefined) return primes;
    const known = product(primes);
    proof.require(known > 0n && n % known === 0n, 'n is not the product of the primes');
    // A multi-prime key without its last primes (RFC 8017, A.1.2).
    if (known !== n) primes.push(...lastPrimes(found, n / known, proof));
    proof.statements.push(primes.length === 2 ? 'n = p*q' : `n is the product of ${primes.length} primes`);
    return primes;
  }
  if (n === undefined && found.qinv !== undefined) {
    const e = found.e ?? assumedExponent(proof);
    if (q !== undefined && dp !== undefined)
      return [pFromExponents({ q, dp, qinv: found.qinv }, e, proof), q];
    if (p !== undefined && dq !== undefined)
      return [p, qFromExponents({ p, dq, qinv: found.qinv }, e, proof)];
  }
  if (n === undefined) proof.undecided('neither n nor both p and q are known');
  if (p !== undefined || q !== undefined) {
    const [name, known] = p !== undefined ? (['p', p] as const) : (['q', q ?? 0n] as const);
    proof.require(known > 1n && known < n && n % known === 0n, `${name} does not divide n`);
    proof.statements.push(`${name} divides n`);
    const [other, ...more] = lastPrimes(found, n / known, proof) as [bigint, ...bigint[]];
    return name === 'p' ? [known, other, ...more] : [other, known, ...more];
  }
  const e = found.e ?? assumedExponent(proof);
  if (d !== undefined) return factorByExponent(n, e, d, proof);
  if (dp !== undefined) return factorByPrimeExponent(n, e, dp, 'dp', proof);
  if (dq !== undefined) {
    const [theirs, other] = factorByPrimeExponent(n, e, dq, 'dq', proof);
    return [other, theirs];
  }
  return proof.undecided('no known part splits n');
}

/** The primes of n over the product of the known ones. */
function lastPrimes({ e, d }: Found, rest: bigint, proof: Attempt): bigint[] {
  return e === undefined || d === undefined ? [rest] : primesOf(rest, e * d - 1n, proof);
}

/** e as found, else computed from d, else the usual one. */
function publicExponent(found: Found, lambda: bigint, proof: Attempt): bigint {
  if (found.e !== undefined) return found.e;
  const derived = found.d === undefined ? undefined : inverse(found.d, lambda);
  if (derived !== undefined && derived < MOST_DERIVED_E) return derived;
  proof.require(found.d === undefined, 'd belongs to no public exponent in use');
  return assumedExponent(proof);
}

function assumedExponent(proof: Attempt): bigint {
  proof.assume(`e = ${USUAL_E}`);
  return USUAL_E;
}

/** Checks every private exponent and coefficient found against the primes. Returns their number. */
function checkExponents(found: Found, { e, primes }: RsaKey, proof: Attempt): number {
  const [p, q] = primes;
  const belongs = (exponent: bigint, prime: bigint) => (e * exponent) % (prime - 1n) === 1n;
  const checks = [
    {
      part: found.d,
      holds: (d: bigint) => primes.every((prime) => belongs(d, prime)),
      statement: `e*d = 1 mod lcm(p-1, q-1${primes.length > 2 ? ', …' : ''})`,
    },
    { part: found.dp, holds: (dp: bigint) => belongs(dp, p), statement: 'e*dp = 1 mod p-1' },
    { part: found.dq, holds: (dq: bigint) => belongs(dq, q), statement: 'e*dq = 1 mod q-1' },
    { part: found.qinv, holds: (qinv: bigint) => (qinv * q) % p === 1n, statement: 'qinv*q = 1 mod p' },
    ...found.others.flatMap(({ r, d, t }, i) => [
      { part: d, holds: () => belongs(d, r), statement: `e*d = 1 mod r-1 for prime ${i + 3}` },
      {
        part: t,
        holds: () => (t * product(primes.slice(0, i + 2))) % r === 1n,
        statement: `t times the primes before it = 1 mod r for prime ${i + 3}`,
      },
    ]),
  ];
  let checked = 0;
  for (const { part, holds, statement } of checks) {
    if (part === undefined) continue;
    proof.require(holds(part), `not true: ${statement}`);
    proof.statements.push(statement);
    checked++;
  }
  return checked;
}

function secret(name: string, value: bigint): Component {
  return { name, value: new Secret(toBytes(value)) };
}

/**
 * Every private integer of the key. d is given modulo lcm(p-1, q-1), as OpenSSL writes it, and modulo
 * (p-1)(q-1), as RFC 8017 allows: copies may have either. p is the larger prime, whatever a file calls it:
 * bare numbers have no names, and all places of a key use the same.
 */
function componentsOf(found: Found, { e, primes, lambda }: RsaKey): Component[] {
  const [p, q] = primes[0] > primes[1] ? primes : [primes[1], primes[0]];
  const phi = primes.reduce((all, prime) => all * (prime - 1n), 1n);
  const exponents = [found.d, inverse(e, lambda), inverse(e, phi)];
  const distinct = new Set(exponents.filter((d) => d !== undefined));
  const parts: [string, bigint | undefined][] = [
    ...[...distinct].map((d): [string, bigint] => ['d', d]),
    ['p', p],
    ['q', q],
    ['dp', inverse(e, p - 1n)],
    ['dq', inverse(e, q - 1n)],
    ['qinv', inverse(q, p)],
    ...primes.slice(2).flatMap((r, i): [string, bigint | undefined][] => [
      [`r${i + 3}`, r],
      [`d${i + 3}`, inverse(e, r - 1n)],
      [`t${i + 3}`, inverse(product(primes.slice(0, i + 2)), r)],
    ]),
  ];
  return parts.flatMap(([name, value]) => (value === undefined ? [] : [secret(name, value)]));
}

function checkSignature(key: RsaKey, canonicalSpki: Uint8Array, proof: Attempt): void {
  proof.begin();
  const works = roundTrip(key, canonicalSpki);
  proof.charge(exponentiation(toBytes(key.n).length * 8) / 8);
  if (works === false) proof.undecided('a signature made with the parts does not verify');
  if (works) proof.statements.push('a signature made with the key verifies (RSASSA-PKCS1-v1_5, SHA-256)');
}

/**
 * RSA by arithmetic alone: the primes multiply to n, every exponent belongs to them, they are prime, and a
 * signature verifies. Any contradiction ends the proof, whatever the other parts show.
 */
export const proveRsa: Prover<'rsa'> = (material, budget) =>
  attempt(budget, (proof) => {
    const found = read(material, proof);
    const identify = (n: bigint, e: bigint) =>
      rsaIdentity(toBytes(n), toBytes(e), material.pss ? { parameters: material.pssParameters } : undefined);
    if (found.n && found.e) proof.facts = identify(found.n, found.e).facts;
    checkParts(found, proof);
    const primes = factor(found, proof);
    proof.require(new Set(primes).size === primes.length, 'two primes are equal');
    proof.require(
      primes.every((prime) => prime > 2n && (prime & 1n) === 1n),
      'a prime is even or 1',
    );
    const n = product(primes);
    const small = smallFactor(n);
    proof.require(small === undefined, `n has the factor ${small}`);
    if (n >> BigInt(LEAST_BITS - 1) === 0n) proof.undecided(`n is shorter than ${LEAST_BITS} bits`);
    if (n >> BigInt(MOST_BITS) !== 0n) proof.undecided(`n is longer than ${MOST_BITS} bits`);
    const lambda = lcmOf(primes);
    const e = publicExponent(found, lambda, proof);
    const key: RsaKey = { n, e, primes, lambda };
    proof.require(gcd(e, lambda) === 1n, 'e shares a factor with p-1 or q-1');
    const identity = identify(n, e);
    proof.facts = identity.facts;
    const checked = checkExponents(found, key, proof);
    // The digest of a published key fixes n, whose only odd factors are its primes.
    const isPublished = publishedKey(identity.canonicalSpki) !== undefined;
    const named = [...primes.entries()].map(([i, value]) => ({
      name: ['p', 'q'][i] ?? `prime ${i + 1}`,
      value,
    }));
    checkPrimes(named, proof, isPublished);
    const components = componentsOf(found, key);
    if (found.n === undefined && checked === 0)
      return pendingResult(identity, components, 'n = p*q', 'two primes alone: n was not found');
    if (found.n === undefined) proof.statements.push('n computed as p*q');
    if (!isPublished) checkSignature(key, identity.canonicalSpki, proof);
    return provenResult(identity, components, ...proof.statements);
  });
