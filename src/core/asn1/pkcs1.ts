import { bitLength, toBigint, toBytes } from '../base/bytes/integers.js';
import { Secret } from '../base/crypto/secret.js';
import type { RsaMaterial } from '../model/key-material.js';
import { type Der, TAG } from './der.js';
import { integer, sequence } from './write.js';

/** RSAPrivateKey and RSAPublicKey (RFC 8017, A.1.1 and A.1.2). */

/**
 * Accepted lengths of a modulus in bits: shorter ones are toys, longer ones OpenSSL rejects
 * (OPENSSL_RSA_MAX_MODULUS_BITS).
 */
const MODULUS_BITS = { least: 512, most: 16_384 };

const odd = (bytes: Uint8Array): boolean => (bytes[bytes.length - 1]! & 1) === 1;

/** An odd modulus of an accepted length. */
export function isModulus(n: Uint8Array): boolean {
  const bits = bitLength(n);
  return bits >= MODULUS_BITS.least && bits <= MODULUS_BITS.most && odd(n);
}

/** An odd public exponent from 3 on. It may be as long as the modulus; usual ones have 2 to 24 bits. */
export function isExponent(e: Uint8Array, n?: Uint8Array): boolean {
  return odd(e) && bitLength(e) >= 2 && (n === undefined || e.length <= n.length);
}

/** The integers after the version, in order. */
const ORDER = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qinv'] as const;

/** The readable part of an RSAPrivateKey. */
export interface RsaRead {
  material: RsaMaterial;
  /** All eight integers are there, and nothing else. */
  whole: boolean;
}

/**
 * Assigns `integers` to the names of ORDER from `first` on; undefined if their lengths do not fit one key.
 */
function assemble(integers: readonly Uint8Array[], first = 0): RsaMaterial | undefined {
  const [n, e, d, p, q] = ORDER.slice(0, 5).map((_, i) => integers[i - first]);
  if (n !== undefined && !isModulus(n)) return undefined;
  if (e !== undefined && !isExponent(e, n)) return undefined;
  // d is below lcm(p-1, q-1) or, in older keys, (p-1)(q-1): never longer than n.
  if (n !== undefined && d !== undefined && bitLength(d) > bitLength(n)) return undefined;
  const sized = n === undefined ? [p, q] : [p];
  for (const prime of [p, q])
    if (prime !== undefined && (!odd(prime) || (n !== undefined && prime.length >= n.length)))
      return undefined;
  if (sized.some((prime) => prime !== undefined && bitLength(prime) < 128)) return undefined;
  const material: RsaMaterial = { type: 'rsa' };
  if (n !== undefined) material.n = Uint8Array.from(n);
  if (e !== undefined) material.e = Uint8Array.from(e);
  for (const [i, name] of ORDER.entries()) {
    const value = integers[i - first];
    if (value !== undefined && name !== 'n' && name !== 'e') material[name] = new Secret(value);
  }
  return material;
}

/**
 * True if these parts determine the private key: n and a prime, or n, e and d (RFC 8017, 3.2; NIST SP
 * 800-56B, C).
 */
export function isRecoverable(key: RsaMaterial): boolean {
  return key.n === undefined
    ? key.p !== undefined && key.q !== undefined
    : (key.p ?? key.d ?? key.dp) !== undefined;
}

/** otherPrimeInfos: SEQUENCE OF SEQUENCE { prime, exponent, coefficient }. */
function readOthers(der: Der): RsaMaterial['others'] | undefined {
  const list = der.enter(TAG.sequence);
  const others: { r: Secret; d: Secret; t: Secret }[] = [];
  while (list !== undefined && !list.done) {
    const info = list.enter(TAG.sequence);
    const [r, d, t] = [info?.integer(), info?.integer(), info?.integer()];
    if (t === undefined || !info?.done || others.length >= 14) return undefined;
    others.push({ r: new Secret(r!), d: new Secret(d!), t: new Secret(t) });
  }
  return others.length > 0 ? others : undefined;
}

/**
 * Reads the contents of an RSAPrivateKey, from its version on. With `strict` it must be whole; otherwise
 * enough of it to recover the key.
 */
export function readRsaPrivateKey(der: Der, strict: boolean): RsaRead | undefined {
  const version = der.small();
  if (version !== 0 && version !== 1) return undefined;
  const integers: Uint8Array[] = [];
  while (integers.length < ORDER.length && der.peek() === TAG.integer) {
    const value = der.integer();
    if (value === undefined) break;
    integers.push(value);
    // Cheap rejection if the first integer cannot be a modulus.
    if (integers.length === 1 && !isModulus(value)) return undefined;
  }
  if (strict ? integers.length < ORDER.length : integers.length < 3) return undefined;
  // If no INTEGER follows a prime, its end may be overwritten: n and d suffice without it.
  if (integers.length > 3 && integers.length < ORDER.length && der.peek() !== TAG.integer && der.at < der.end)
    integers.pop();
  // A traditional DSA key has the same version and a long odd integer too; its third integer, q, has 160, 224
  // or 256 bits (FIPS 186-4, 4.2).
  if (integers.length < 6 && [160, 224, 256].includes(bitLength(integers[1]!))) return undefined;
  const material = assemble(integers);
  if (material === undefined || !isRecoverable(material)) return undefined;
  const others = version === 1 ? readOthers(der) : undefined;
  if (others !== undefined) material.others = others;
  const whole = integers.length === ORDER.length && der.done && (version === 0) === (others === undefined);
  return strict && !whole ? undefined : { material, whole };
}

/**
 * Upper bound on chains to try: one key in hundreds has a stray INTEGER that ends where a real one begins.
 */
const CHAINS_MOST = 8;
/** At least p and all that follow it. */
const CHAIN_LEAST = 5;

/**
 * Reads backwards: a chain of INTEGERs that ends with the bytes contains the last fields of an RSAPrivateKey.
 * Of several chains that fit one key the longest wins, then the first. Linear: each position is read once.
 */
export function readRsaTail(bytes: Uint8Array): (RsaRead & { start: number }) | undefined {
  /** Number of INTEGERs from a position to the end, if they reach it. */
  const chain = new Map<number, { count: number; next: number }>([
    [bytes.length, { count: 0, next: bytes.length }],
  ]);
  const starts: { at: number; count: number }[] = [];
  for (let at = bytes.length - 3; at >= 0; at--) {
    if (bytes[at] !== TAG.integer) continue;
    const next = integerEnd(bytes, at);
    const rest = next === undefined ? undefined : chain.get(next);
    if (rest === undefined || rest.count >= ORDER.length - 1) continue;
    const count = rest.count + 1;
    chain.set(at, { count, next: next! });
    if (count >= CHAIN_LEAST) starts.push({ at, count });
  }
  starts.sort((x, y) => y.count - x.count || x.at - y.at);
  for (const { at: start, count } of starts.slice(0, CHAINS_MOST)) {
    const integers: Uint8Array[] = [];
    for (let at = start; at < bytes.length; at = chain.get(at)!.next)
      integers.push(integerAt(bytes, at, chain.get(at)!.next));
    const material = assemble(integers, ORDER.length - count);
    if (material !== undefined && isPair(material)) return { material, whole: false, start };
  }
  return undefined;
}

/** Longest public exponent, in bits, that cannot be d, and the exponents tried for a key without its own. */
const SHORT = 64;
const USUAL_EXPONENTS = [65_537n, 3n, 17n];
/** e, d, p, q or p, q, dp, dq (two primes and an exponent that belongs to each), or q, dp, dq, qinv. */
const REST_LEAST = 4;

/**
 * Reads forwards from e or p at `at`: an RSAPrivateKey without its first fields, such as a freed block whose
 * start the allocator has overwritten. Arithmetic decides which fields these are: the exponents must belong
 * to both primes.
 */
export function readRsaRest(
  bytes: Uint8Array,
  at: number,
): (RsaRead & { start: number; end: number }) | undefined {
  const integers: Uint8Array[] = [];
  let end = at;
  while (integers.length < ORDER.length - 1 && bytes[end] === TAG.integer) {
    const next = integerEnd(bytes, end);
    if (next === undefined) break;
    integers.push(integerAt(bytes, end, next));
    end = next;
    // Cheap rejection: two primes are odd and equally long.
    if (integers.length === 2 && bitLength(integers[0]!) > SHORT && !isPrimeLike(integers)) return undefined;
  }
  const first = ORDER.indexOf(integers[0] !== undefined && bitLength(integers[0]) <= SHORT ? 'e' : 'p');
  if (integers.length < REST_LEAST) return undefined;
  // The later fields follow from these and may be overwritten.
  const four = integers.slice(0, REST_LEAST);
  const material = assemble(four, first);
  if (material === undefined || !isPair(material)) return undefined;
  const e = exponentOf(material);
  const found =
    e === undefined ? first === ORDER.indexOf('p') && withOnePrime(integers) : { ...material, e: toBytes(e) };
  return found ? { material: found, whole: false, start: at, end } : undefined;
}

/**
 * q, dp, dq and qinv, or p, a damaged q and the same three. One prime with its exponent yields the other
 * prime; the proof computes it.
 */
function withOnePrime(integers: readonly Uint8Array[]): RsaMaterial | undefined {
  const [prime, exponent] = [integers[0]!, integers[2]!].map(toBigint) as [bigint, bigint];
  const e = USUAL_EXPONENTS.find((candidate) => (candidate * exponent) % (prime - 1n) === 1n);
  const name = integers.length === REST_LEAST ? 'q' : 'p';
  const [dp, dq, qinv] = integers.slice(-3).map((part) => new Secret(part));
  return e === undefined
    ? undefined
    : { type: 'rsa', e: toBytes(e), [name]: new Secret(integers[0]!), dp: dp!, dq: dq!, qinv: qinv! };
}

const isPrimeLike = ([one, other]: readonly Uint8Array[]): boolean =>
  odd(one!) && odd(other!) && Math.abs(bitLength(one!) - bitLength(other!)) <= 8;

/** The public exponent of d, or of dp and dq; undefined if there is none. */
function exponentOf({ e, d, p, q, dp, dq }: RsaMaterial): bigint | undefined {
  const own = e && toBigint(e);
  const pairs = [
    [p, d ?? dp],
    [q, d ?? dq],
  ].map((pair) => pair.map((part) => part && toBigint(part.reveal())));
  return (own === undefined ? USUAL_EXPONENTS : [own]).find((candidate) =>
    pairs.every(
      ([prime, exponent]) =>
        prime !== undefined && exponent !== undefined && (candidate * exponent) % (prime - 1n) === 1n,
    ),
  );
}

/** Value of the INTEGER in [at, end). Its length octets are in their shortest form. */
function integerAt(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const length = end - at;
  const skip = length < 0x82 ? 2 : length < 0x103 ? 3 : 4;
  const value = bytes.subarray(at + skip, end);
  return value[0] === 0 ? value.subarray(1) : value;
}

/**
 * Primes of one key have about the same length (FIPS 186-5, A.1.1), and d is nearly as long as their product.
 */
function isPair({ p, q, d }: RsaMaterial): boolean {
  if (p === undefined || q === undefined) return false;
  const [one, other] = [p, q].map((prime) => bitLength(prime.reveal())) as [number, number];
  const length = d === undefined ? one + other : bitLength(d.reveal());
  return Math.abs(one - other) <= 8 && length <= one + other && length > (one + other) / 2;
}

function integerEnd(bytes: Uint8Array, at: number): number | undefined {
  const first = bytes[at + 1]!;
  const [start, length] =
    first < 0x80
      ? [at + 2, first]
      : first === 0x81
        ? [at + 3, bytes[at + 2]!]
        : first === 0x82 && at + 4 <= bytes.length
          ? [at + 4, bytes[at + 2]! * 256 + bytes[at + 3]!]
          : [0, 0];
  return length > 0 && start + length <= bytes.length && bytes[start]! < 0x80 ? start + length : undefined;
}

/**
 * RSAPrivateKey with the known integers, in order. Missing ones are omitted: only a whole key is valid DER
 * for others.
 */
export function writeRsaPrivateKey(key: RsaMaterial): Uint8Array {
  const secrets = ([key.d, key.p, key.q, key.dp, key.dq, key.qinv] as const).map((part) => part?.reveal());
  const numbers = [key.n, key.e, ...secrets].filter((part) => part !== undefined);
  const others = key.others?.map(({ r, d, t }) =>
    sequence(integer(r.reveal()), integer(d.reveal()), integer(t.reveal())),
  );
  const version = Uint8Array.of(others === undefined ? 0 : 1);
  return sequence(
    integer(version),
    ...numbers.map(integer),
    ...(others === undefined ? [] : [sequence(...others)]),
  );
}

/** RSAPublicKey { modulus, publicExponent }. */
export function readRsaPublicKey(der: Der): { n: Uint8Array; e: Uint8Array } | undefined {
  const key = der.enter(TAG.sequence);
  const [n, e] = [key?.integer(), key?.integer()];
  return n !== undefined && e !== undefined && key!.done && isModulus(n) && isExponent(e, n)
    ? { n, e }
    : undefined;
}

export const writeRsaPublicKey = (n: Uint8Array, e: Uint8Array): Uint8Array =>
  sequence(integer(n), integer(e));
