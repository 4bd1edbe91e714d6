/** Formulas of proofs (src/prove) in words, for readers who do not know what `n = p*q` says. */

const WORDS: readonly [RegExp, string][] = [
  [/^n = p\*q$/, 'the modulus is the product of the two primes'],
  [/^n is the product of \d+ primes$/, 'the modulus is the product of all the primes'],
  [/^n computed as p\*q$/, 'the modulus was computed from the primes, so that both were in memory'],
  [/ divides n$/, 'one secret prime divides the public modulus, so that the other follows'],
  [/ split n into /, 'the secret exponent yields the primes of the public modulus'],
  [/^e\*d = 1 mod /, 'what the public exponent encrypts, the private exponent decrypts'],
  [/^e\*d[pq] = 1 mod /, 'the exponent for one prime belongs to the private exponent'],
  [/^qinv\*q = 1 mod p$/, 'the coefficient belongs to the primes'],
  [/^d\*G = Q/, 'the scalar times the base point of the curve is the public point'],
  [/^g\^x = y mod p$/, 'the secret exponent yields the public value'],
  [/^verifies the JWT /, 'a JSON Web Token in the dump was signed with it'],
  [
    /checksum matches$/,
    'the checksum that is part of the token is right, which a random text has by chance alone',
  ],
  [/ assumed$/, 'assumed, since the dump does not say it'],
];

/** A statement and what it says, if there are words for it. */
export function proofInWords(statement: string): string {
  const words = WORDS.find(([pattern]) => pattern.test(statement))?.[1];
  return words === undefined ? statement : `${statement}: ${words}`;
}
