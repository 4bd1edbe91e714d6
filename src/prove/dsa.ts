import { bitLength, toBigint, toBytes } from '../core/base/bytes/integers.js';
import { Secret } from '../core/base/crypto/secret.js';
import type { Component } from '../core/model/key-material.js';
import { attempt, exponentiation } from './attempt.js';
import { pendingResult, provenResult } from './derived.js';
import { dsaIdentity } from './identity.js';
import { checkPrimes, powerOf } from './primes.js';
import { publishedKey } from './published.js';
import type { Prover } from './types.js';

/** Accepted lengths of p and q in bits. FIPS 186-4, 4.2 allows up to 3,072 and 256. */
const MOST = { p: 8_192, q: 512 };
const LEAST = { p: 512, q: 160 };

/** DSA (FIPS 186-4, section 4): q divides p-1, g has order q, and g^x = y. */
export const proveDsa: Prover<'dsa'> = (material, budget) =>
  attempt(budget, (proof) => {
    const { x: secret, y: given } = material;
    for (const name of ['p', 'q'] as const) {
      const bits = bitLength(material[name]);
      if (bits > MOST[name] || bits < LEAST[name])
        return proof.undecided(`${name} does not have ${LEAST[name]} to ${MOST[name]} bits`);
    }
    const longest = Math.max(...[material.g, given ?? Uint8Array.of(), secret.reveal()].map(bitLength));
    if (longest > bitLength(material.p)) return proof.contradict('g, y or x is longer than p');
    proof.facts = given
      ? dsaIdentity({ ...material, y: given }).facts
      : { algorithm: 'DSA', bits: bitLength(material.p) };
    const [p, q, g] = [material.p, material.q, material.g].map(toBigint) as [bigint, bigint, bigint];
    const x = toBigint(secret.reveal());
    proof.require((p - 1n) % q === 0n, 'q does not divide p-1');
    proof.require(g > 1n && g < p, 'g is not between 1 and p');
    proof.require(x > 0n && x < q, 'x is not between 0 and q');
    proof.begin();
    const isGenerator = powerOf(q, p)(g) === 1n;
    const y = powerOf(x, p)(g);
    proof.charge((2 * exponentiation(bitLength(material.p)) * bitLength(material.q)) / bitLength(material.p));
    proof.require(isGenerator, 'not true: g^q = 1 mod p');
    proof.require(!given || toBigint(given) === y, 'not true: g^x = y mod p');
    const identity = dsaIdentity({ ...material, y: toBytes(y) });
    proof.facts = identity.facts;
    proof.statements.push('q divides p-1', 'g^q = 1 mod p', ...(given ? ['g^x = y mod p'] : []));
    const named = [
      { name: 'q', value: q },
      { name: 'p', value: p },
    ];
    checkPrimes(named, proof, publishedKey(identity.canonicalSpki) !== undefined);
    const components: Component[] = [{ name: 'x', value: new Secret(toBytes(x)) }];
    // The group is sound, but any x has a y.
    if (!given) return pendingResult(identity, components, 'g^x = y');
    return provenResult(identity, components, ...proof.statements);
  });
