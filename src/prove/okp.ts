import { OKP } from '../core/asn1/oids.js';
import { okpPublicKey } from '../core/asn1/okp.js';
import { Secret } from '../core/base/crypto/secret.js';
import type { Component } from '../core/model/key-material.js';
import { attempt } from './attempt.js';
import { pendingResult, provenResult } from './derived.js';
import { okpIdentity } from './identity.js';
import type { Prover } from './types.js';

/** Seeds with fewer distinct bytes are fill patterns. A random seed of 32 bytes has 27 or more. */
const LEAST_DISTINCT = 4;

/** Ed25519, Ed448, X25519 and X448: the public key of the seed is the one found with it. */
export const proveOkp: Prover<'okp'> = (material, budget) =>
  attempt(budget, (proof) => {
    const { curve } = material;
    const { size } = OKP[curve];
    const seed = material.seed.reveal();
    const given = material.public;
    proof.facts = { algorithm: curve, curve };
    proof.require(seed.length === size, `a private key of ${curve} has ${size} bytes`);
    proof.require(!given || given.length === size, `a public key of ${curve} has ${size} bytes`);
    if (given) proof.facts = okpIdentity(curve, given).facts;
    if (new Set(seed).size < LEAST_DISTINCT) return proof.placeholder('the seed is a fill pattern');
    proof.begin();
    const derived = okpPublicKey(material);
    proof.charge(1);
    if (!derived) return proof.undecided("this Node's OpenSSL lacks the curve");
    const components: Component[] = [{ name: 'seed', value: new Secret(seed) }];
    const identity = okpIdentity(curve, derived);
    if (!given) return pendingResult(identity, components, 'the seed gives the public key');
    proof.require(derived.equals(given), 'the seed has another public key');
    return provenResult(identity, components, 'the public key of the seed matches');
  });
