import { bitLength, toBigint, toBytes } from '../base/bytes/integers.js';
import { Secret } from '../base/crypto/secret.js';
import type { Component } from '../model/key-material.js';
import { attempt, exponentiation } from './attempt.js';
import { provenResult } from './derived.js';
import { dsaIdentity } from './identity.js';
import { powerOf } from './modular-power.js';
import { checkPrimes } from './primes.js';
import { publishedKey } from './published.js';
import type { Prover } from './types.js';

/** Accepted lengths of p and q in bits. FIPS 186-4, 4.2 allows up to 3,072 and 256. */
const MOST = { p: 8_192, q: 512 };
const LEAST = { p: 512, q: 160 };

/** DSA (FIPS 186-4, section 4): q divides p-1, g has order q, and g^x = y. */
export const proveDsa: Prover<'dsa'> = (material, budget) =>
  attempt(budget, (proof) => {
    const { x: secret, ...publicParts } = material;
    for (const name of ['p', 'q'] as const) {
      const bits = bitLength(material[name]);
      if (bits > MOST[name] || bits < LEAST[name])
        return proof.undecided(`${name} does not have ${LEAST[name]} to ${MOST[name]} bits`);
    }
    const longest = Math.max(...[material.g, material.y, secret.reveal()].map(bitLength));
    if (longest > bitLength(material.p)) return proof.contradict('g, y or x is longer than p');
    const identity = dsaIdentity(publicParts);
    proof.facts = identity.facts;
    const [p, q, g, y] = [material.p, material.q, material.g, material.y].map(toBigint) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const x = toBigint(secret.reveal());
    proof.require((p - 1n) % q === 0n, 'q does not divide p-1');
    proof.require(g > 1n && g < p && y > 1n && y < p, 'g or y is not between 1 and p');
    proof.require(x > 0n && x < q, 'x is not between 0 and q');
    proof.begin();
    const equal = powerOf(q, p)(g) === 1n && powerOf(x, p)(g) === y;
    proof.charge((2 * exponentiation(bitLength(material.p)) * bitLength(material.q)) / bitLength(material.p));
    proof.require(equal, 'not true: g^q = 1 and g^x = y mod p');
    proof.statements.push('q divides p-1', 'g^q = 1 mod p', 'g^x = y mod p');
    const named = [
      { name: 'q', value: q },
      { name: 'p', value: p },
    ];
    checkPrimes(named, proof, publishedKey(identity.canonicalSpki) !== undefined);
    const components: Component[] = [{ name: 'x', value: new Secret(toBytes(x)) }];
    return provenResult(identity, components, ...proof.statements);
  });
