import { createHash } from 'node:crypto';
import { bitLength, inverse, toBigint, toBytes } from '../base/bytes/integers.js';
import { Secret } from '../base/crypto/secret.js';
import { ENCODINGS, type Encoding } from '../base/encodings/encodings.js';
import type { Component } from '../model/key-material.js';
import type { Stream } from './needles.js';

/** What libraries compute from a private part and keep beside it: whoever has it has the key. */

/** R = 2^(64 w) for a modulus of w words of 64 bits: that of OpenSSL's BN_MONT_CTX (RR) and of its kin, whose limbs are 32 bits wide too. */
function powersOfR(name: string, modulus: Uint8Array): Component[] {
  const words = Math.ceil(bitLength(modulus) / 64);
  const power = (count: number) =>
    new Secret(toBytes((1n << BigInt(64 * words * count)) % toBigint(modulus)));
  return [
    { name: `R^2 mod ${name}`, value: power(2) },
    // Botan keeps both.
    { name: `R mod ${name}`, value: power(1) },
  ];
}

/** The order of Ed25519's base point (RFC 8032, 5.1). */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

/** RFC 8032, 5.1.5, and RFC 7748, section 5: the integer that 32 octets stand for, big-endian here. */
function clamped(octets: Uint8Array): Uint8Array {
  const scalar = Uint8Array.from(octets).reverse();
  scalar[31] = scalar[31]! & 0xf8;
  scalar[0] = (scalar[0]! & 0x7f) | 0x40;
  return scalar;
}

/**
 * The scalar of a seed, clamped, as it stands and modulo the order, the half of the hash that it was made from, and the other half, the
 * prefix of which nonces are made (RFC 8032, 5.1.5 and 5.1.6).
 */
function expanded(seed: Uint8Array): Component[] {
  const hash = createHash('sha512').update(seed).digest();
  const half = hash.subarray(0, 32);
  const scalar = clamped(half);
  return [
    { name: 'scalar', value: new Secret(scalar) },
    { name: 'scalar', value: new Secret(toBytes(toBigint(scalar) % ORDER)) },
    // As Go computes with it: R = 2^256, in words.
    { name: 'scalar', value: new Secret(toBytes((toBigint(scalar) << 256n) % ORDER)) },
    // Whoever has it clamps it.
    { name: 'scalar', value: new Secret(Uint8Array.from(half).reverse()) },
    // Bytes, not an integer: turned round, so that little-endian limbs give them back.
    { name: 'prefix', value: new Secret(hash.subarray(32).reverse()) },
  ];
}

/** Orders of P-256 and P-384 (SP 800-186, 3.2.1), by octets: curves whose scalars libraries keep in Montgomery form (Rust's ring). */
const ORDERS: ReadonlyMap<number, bigint> = new Map([
  [32, 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  [48, 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n],
]);

/** d * R modulo the order, R = 2^(8 octets); nothing for the d of other keys. */
function montgomeryScalar(d: Uint8Array): Component[] {
  const octets = [...ORDERS.keys()].find((size) => d.length <= size && d.length > size - 4);
  if (octets === undefined) return [];
  const scaled = (toBigint(d) << BigInt(8 * octets)) % ORDERS.get(octets)!;
  return [{ name: 'd*R mod n', value: new Secret(toBytes(scaled)) }];
}

/** Octets of an Ed25519 seed. */
const SEED = 32;
/** The scalar that a seed of X25519 is. */
const AGREEMENT = 'clamped seed';

function derivedOf({ name, value }: Component): Component[] {
  const bytes = value.reveal();
  if (/^(p|q|r\d+)$/.test(name)) return powersOfR(name, bytes);
  if (name === 'd') return montgomeryScalar(bytes);
  if (name !== 'seed' || bytes.length !== SEED) return [];
  // A seed of X25519 is a scalar itself.
  return [...expanded(bytes), { name: AGREEMENT, value: new Secret(clamped(bytes)) }];
}

/** With the coefficient of either order of p and q: a product does not tell which of the two its library calls p. */
export function withBothInverses(components: readonly Component[]): readonly Component[] {
  const [p, q] = ['p', 'q'].map((wanted) => components.find(({ name }) => name === wanted)?.value);
  if (p === undefined || q === undefined) return components;
  const value = inverse(toBigint(p.reveal()), toBigint(q.reveal()));
  return value === undefined
    ? components
    : [...components, { name: 'qinv', value: new Secret(toBytes(value)) }];
}

const formOf = (wanted: string): Encoding => ENCODINGS.find(({ name }) => name === wanted)!;
/** What computes with most of it has it in limbs. */
const LIMBS = [formOf('limbs-le')];
/** What JavaScript reads a big integer from. */
const TURNED = [formOf('bytes-be'), formOf('hex')];
/** Scalars are integers of Python and of JavaScript as well. Those of X25519 are their seed in limbs. */
const FORMS_OF: Readonly<Record<string, readonly Encoding[]>> = {
  scalar: [...LIMBS, formOf('digits30-le32'), ...TURNED],
  [AGREEMENT]: TURNED,
};

/** The streams of what is derived from `keys`, in the forms that compute with it. */
export function* derivedStreams(keys: readonly { components: readonly Component[] }[]): Iterable<Stream> {
  for (const [key, { components }] of keys.entries())
    for (const { name, value } of components.flatMap(derivedOf))
      for (const form of FORMS_OF[name] ?? LIMBS)
        for (const { bytes, shared } of form.encode(value.reveal()))
          yield { key, component: name, form, wide: false, encoded: new Secret(bytes), shared };
}
