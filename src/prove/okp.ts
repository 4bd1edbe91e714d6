import { createPrivateKey, createPublicKey } from 'node:crypto';
import { integer, octetString, oid, sequence } from '../der.js';
import type { Component, OkpMaterial } from '../keys.js';
import { Secret } from '../secret.js';
import { OIDS } from '../spki.js';
import { attempt } from './attempt.js';
import { derivedOnly } from './derived.js';
import { okpIdentity } from './identity.js';
import { publishedKey } from './published.js';
import type { Prover } from './types.js';

/** Octets of the private and of the public key (RFC 8032, 5.1.5 and 5.2.5; RFC 7748, section 5). */
const LENGTH: Record<OkpMaterial['curve'], number> = { Ed25519: 32, X25519: 32, Ed448: 57, X448: 56 };

/** Fewer distinct bytes than this in a seed: a fill pattern, no key. A random seed of 32 bytes has 27 or more. */
const LEAST_DISTINCT = 4;

/** The public key of a seed, or undefined where this Node's OpenSSL lacks the curve. */
function publicKey(curve: OkpMaterial['curve'], seed: Uint8Array): Buffer | undefined {
  const pkcs8 = sequence(integer(Buffer.of(0)), sequence(oid(OIDS[curve])), octetString(octetString(seed)));
  try {
    const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    // RFC 8410: the key is the end of its SubjectPublicKeyInfo.
    return key.export({ format: 'der', type: 'spki' }).subarray(-LENGTH[curve]);
  } catch {
    return undefined;
  }
}

/** Ed25519, Ed448, X25519 and X448: the seed gives the public key that stands beside it. */
export const proveOkp: Prover<'okp'> = (material, budget) =>
  attempt(budget, (proof) => {
    const { curve } = material;
    const seed = material.seed.reveal();
    const given = material.public;
    proof.facts = { algorithm: curve, curve };
    proof.require(seed.length === LENGTH[curve], `a private key of ${curve} has ${LENGTH[curve]} bytes`);
    proof.require(
      !given || given.length === LENGTH[curve],
      `a public key of ${curve} has ${LENGTH[curve]} bytes`,
    );
    if (given) proof.facts = okpIdentity(curve, given).facts;
    if (new Set(seed).size < LEAST_DISTINCT) return proof.undecided('the seed is a fill pattern');
    proof.begin();
    const derived = publicKey(curve, seed);
    proof.charge(1);
    if (!derived) return proof.undecided("this Node's OpenSSL lacks the curve");
    const components: Component[] = [{ name: 'seed', value: new Secret(seed) }];
    const identity = okpIdentity(curve, derived);
    const statement = 'the seed gives the public key';
    if (!given) return derivedOnly(identity, components, statement);
    proof.require(derived.equals(given), 'the seed gives another public key');
    const published = publishedKey(identity.canonicalSpki);
    return {
      status: 'proven',
      statements: [statement],
      ...identity,
      components,
      ...(published && { published }),
    };
  });
