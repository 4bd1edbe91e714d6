import { createECDH, getCurves } from 'node:crypto';
import { type Curve, curveByName } from '../core/asn1/curves.js';
import { DOMAINS } from '../core/asn1/domain.js';
import { uncompressed } from '../core/asn1/spki.js';
import { isTrivial } from '../core/asn1/trivial-scalar.js';
import { bitLength, toBigint } from '../core/base/bytes/integers.js';
import { Secret } from '../core/base/crypto/secret.js';
import type { Component } from '../core/model/key-material.js';
import { attempt } from './attempt.js';
import { pendingResult, provenResult } from './derived.js';
import { ecIdentity } from './identity.js';
import type { Prover } from './types.js';

/** Shorter scalars are placeholders (1, 2, a counter), though they are valid. */
const LEAST_BITS = 64;

/** Uncompressed Q of d; undefined if d is not in [1, order - 1]. */
function publicPoint(curve: Curve, d: Uint8Array): Buffer | undefined {
  const ecdh = createECDH(curve.openssl);
  try {
    ecdh.setPrivateKey(Buffer.from(d));
    return ecdh.getPublicKey();
  } catch {
    return undefined;
  }
}

/** EC keys of the named curves of this Node's OpenSSL: d*G is the Q found with d. */
export const proveEc: Prover<'ec'> = (material, budget) =>
  attempt(budget, (proof) => {
    const curve = curveByName(material.curve);
    if (!curve) return proof.undecided('unknown curve');
    proof.facts = { algorithm: 'EC', bits: curve.bits, curve: curve.name };
    if (!getCurves().includes(curve.openssl)) return proof.undecided("this Node's OpenSSL lacks the curve");
    const given = material.point && uncompressed(curve, material.point);
    if (given) proof.facts = ecIdentity(curve, given, material).facts;
    proof.require(material.point === undefined || given !== undefined, 'Q is not on the curve');
    const d = material.d.reveal();
    proof.require(bitLength(d) > 0 && bitLength(d) <= curve.bits, 'd is not between 0 and the order');
    if (bitLength(d) < LEAST_BITS)
      return proof.placeholder(`d is shorter than ${LEAST_BITS} bits: a placeholder`);
    proof.begin();
    const derived = publicPoint(curve, d);
    proof.charge(1);
    if (!derived) return proof.contradict('d is not between 0 and the order');
    const order = DOMAINS.find(({ name }) => name === curve.name)?.n;
    if (order !== undefined && isTrivial(toBigint(d), order))
      return proof.placeholder('d is a public constant: a small multiple of a power of two');
    const components: Component[] = [{ name: 'd', value: new Secret(d) }];
    const identity = ecIdentity(curve, derived, material);
    if (!given) return pendingResult(identity, components, 'd*G = Q');
    proof.require(derived.equals(given), 'd*G is not Q');
    return provenResult(identity, components, 'd*G = Q');
  });
