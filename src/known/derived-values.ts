import { createHash } from 'node:crypto';
import { DOMAINS, WEI25519 } from '../core/asn1/domain.js';
import { bitLength, inverse, toBigint, toBytes } from '../core/base/bytes/integers.js';
import { Secret } from '../core/base/crypto/secret.js';
import { ENCODINGS, type Encoding } from '../core/encodings/encodings.js';
import type { Component } from '../core/model/key-material.js';
import type { EncodedStream } from './needles.js';

/**
 * Values that libraries derive from a private component and keep with it. Each of them determines the key.
 */

/**
 * R = 2^(64 w) for a modulus of w 64-bit words, as in OpenSSL's BN_MONT_CTX (RR) and its relatives, also with
 * 32-bit limbs.
 */
function powersOfR(name: string, modulus: Uint8Array): Component[] {
  const words = Math.ceil(bitLength(modulus) / 64);
  const power = (count: number) =>
    new Secret(toBytes((1n << BigInt(64 * words * count)) % toBigint(modulus)));
  return [
    { name: `R^2 mod ${name}`, value: power(2) },
    // Kept by Botan too.
    { name: `R mod ${name}`, value: power(1) },
  ];
}

/** The clamped scalar of 32 octets (RFC 8032, 5.1.5; RFC 7748, section 5), big-endian here. */
function clamped(octets: Uint8Array): Uint8Array {
  const scalar = Uint8Array.from(octets).reverse();
  scalar[31] = scalar[31]! & 0xf8;
  scalar[0] = (scalar[0]! & 0x7f) | 0x40;
  return scalar;
}

/**
 * The scalar of a seed, clamped and reduced modulo the order; the half of the hash that it comes from; and
 * the other half, the prefix for nonces (RFC 8032, 5.1.5 and 5.1.6).
 */
function expanded(seed: Uint8Array): Component[] {
  const hash = createHash('sha512').update(seed).digest();
  const half = hash.subarray(0, 32);
  const scalar = clamped(half);
  return [
    { name: 'scalar', value: new Secret(scalar) },
    { name: 'scalar', value: new Secret(toBytes(toBigint(scalar) % WEI25519.n)) },
    // Montgomery form of Go, R = 2^256.
    { name: 'scalar', value: new Secret(toBytes((toBigint(scalar) << 256n) % WEI25519.n)) },
    // Before clamping.
    { name: 'scalar', value: new Secret(Uint8Array.from(half).reverse()) },
    // A byte string: reversed, so that its little-endian limbs are the bytes.
    { name: 'prefix', value: new Secret(hash.subarray(32).reverse()) },
  ];
}

/** The curves whose scalars Rust's ring keeps in Montgomery form. */
const MONTGOMERY_CURVES = DOMAINS.filter(({ name }) => name === 'P-256' || name === 'P-384');

/** d * R modulo the order, R = 2^(8 octets); empty for other keys than P-256 and P-384. */
function montgomeryScalar(d: Uint8Array): Component[] {
  const curve = MONTGOMERY_CURVES.find(({ size }) => d.length <= size && d.length > size - 4);
  if (curve === undefined) return [];
  const scaled = (toBigint(d) << BigInt(8 * curve.size)) % curve.n;
  return [{ name: 'd*R mod n', value: new Secret(toBytes(scaled)) }];
}

/** The curves whose programs keep -d modulo the order beside d, as Schnorr signatures do (BIP 340). */
const NEGATED_CURVES = DOMAINS.filter(({ name }) => name === 'secp256k1' || name.startsWith('P-'));
const NEGATED = 'n-d';

/** Order minus d, of every curve that d may be of: it is the private key of the opposite point. */
function negatedScalars(d: Uint8Array): Component[] {
  const scalar = toBigint(d);
  return NEGATED_CURVES.filter(({ size, n }) => d.length <= size && d.length > size - 4 && scalar < n).map(
    ({ n }) => ({ name: NEGATED, value: new Secret(toBytes(n - scalar)) }),
  );
}

const SEED_OCTETS = 32;
const CLAMPED_SEED = 'clamped seed';

/** The values derived from a component. */
export function derivedOf({ name, value }: Component): Component[] {
  const bytes = value.reveal();
  if (/^(p|q|r\d+)$/.test(name)) return powersOfR(name, bytes);
  if (name === 'd') return [...montgomeryScalar(bytes), ...negatedScalars(bytes)];
  if (name !== 'seed' || bytes.length !== SEED_OCTETS) return [];
  // A seed of X25519 is itself a scalar.
  return [...expanded(bytes), { name: CLAMPED_SEED, value: new Secret(clamped(bytes)) }];
}

/**
 * Adds the coefficient for the other order of p and q: a product does not determine which of the two a
 * library calls p.
 */
export function withBothInverses(components: readonly Component[]): readonly Component[] {
  const [p, q] = ['p', 'q'].map((part) => components.find(({ name }) => name === part)?.value);
  if (p === undefined || q === undefined) return components;
  const value = inverse(toBigint(p.reveal()), toBigint(q.reveal()));
  return value === undefined
    ? components
    : [...components, { name: 'qinv', value: new Secret(toBytes(value)) }];
}

const encodingNamed = (wanted: string): Encoding => ENCODINGS.find(({ name }) => name === wanted)!;
/** Form of most derived values in memory. */
const LIMBS = [encodingNamed('limbs-le')];
/** Big-endian forms, from which JavaScript reads a big integer. */
const BIG_ENDIAN = [encodingNamed('bytes-be'), encodingNamed('hex')];
/**
 * Scalars also occur as integers of Python and JavaScript. The clamped seed of X25519 in limbs is searched
 * for as the seed.
 */
const FORMS_OF: Readonly<Record<string, readonly Encoding[]>> = {
  scalar: [...LIMBS, encodingNamed('digits30-le32'), ...BIG_ENDIAN],
  [CLAMPED_SEED]: BIG_ENDIAN,
  [NEGATED]: [...LIMBS, encodingNamed('digits30-le32'), ...BIG_ENDIAN],
};

/** The streams of the values derived from `keys`. */
export function* derivedStreams(
  keys: readonly { components: readonly Component[] }[],
): Iterable<EncodedStream> {
  for (const [key, { components }] of keys.entries())
    for (const { name, value } of components.flatMap(derivedOf))
      for (const form of FORMS_OF[name] ?? LIMBS)
        for (const { bytes, shared } of form.encode(value.reveal()))
          yield { key, component: name, form, wide: false, encoded: new Secret(bytes), shared };
}
