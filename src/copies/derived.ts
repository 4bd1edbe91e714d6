import { createHash } from 'node:crypto';
import { FORMS } from '../forms/forms.js';
import { bitLength, toBigint, toBytes } from '../integers.js';
import type { Component } from '../keys.js';
import { Secret } from '../secret.js';
import type { Stream } from './needles.js';

/** What libraries compute from a private part and keep beside it: whoever has it has the key. */

/** R = 2^(64 w) for a modulus of w words of 64 bits: that of OpenSSL's BN_MONT_CTX (RR) and of its kin, whose limbs are 32 bits wide too. */
function squareOfR(modulus: Uint8Array): Uint8Array {
  const words = Math.ceil(bitLength(modulus) / 64);
  return toBytes((1n << BigInt(128 * words)) % toBigint(modulus));
}

/** The order of Ed25519's base point (RFC 8032, 5.1). */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

/** The scalar of a seed, clamped, as it stands and modulo the order, and the prefix that nonces are made from (RFC 8032, 5.1.5 and 5.1.6). */
function expanded(seed: Uint8Array): Component[] {
  const hash = createHash('sha512').update(seed).digest();
  const scalar = hash.subarray(0, 32).reverse();
  scalar[31] = scalar[31]! & 0xf8;
  scalar[0] = (scalar[0]! & 0x7f) | 0x40;
  return [
    { name: 'scalar', value: new Secret(scalar) },
    { name: 'scalar', value: new Secret(toBytes(toBigint(scalar) % ORDER)) },
    // Bytes, not an integer: turned round, so that little-endian limbs give them back.
    { name: 'prefix', value: new Secret(hash.subarray(32).reverse()) },
  ];
}

/** Octets of an Ed25519 seed. */
const SEED = 32;

function derivedOf({ name, value }: Component): Component[] {
  const bytes = value.reveal();
  if (name === 'p' || name === 'q') return [{ name: `R^2 mod ${name}`, value: new Secret(squareOfR(bytes)) }];
  return name === 'seed' && bytes.length === SEED ? expanded(bytes) : [];
}

/** The streams of what is derived from `keys`, as little-endian limbs: the only form that computes with it. */
export function* derivedStreams(keys: readonly { components: readonly Component[] }[]): Iterable<Stream> {
  const form = FORMS.find(({ name }) => name === 'limbs-le')!;
  for (const [key, { components }] of keys.entries())
    for (const { name, value } of components.flatMap(derivedOf))
      for (const { bytes, shared } of form.encode(value.reveal()))
        yield { key, component: name, form, wide: false, encoded: new Secret(bytes), shared };
}
