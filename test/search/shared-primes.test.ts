import { expect, test } from '@jest/globals';
import { gcd, toBigint } from '../../src/core/base/bytes/integers.js';
import { bitLength } from '../../src/search/core/integer-encodings.js';
import { SkippedWork, WorkBudget } from '../../src/search/core/skipped-work.js';
import type { Modulus } from '../../src/search/rsa/modulus.js';
import { type SharedPrimeCandidate, sharedPrimes } from '../../src/search/rsa/shared-primes.js';
import fc from '../support/property.js';

/** Primes of 61 to 64 bits: 2^64 - 59 and its neighbours, 2^61 - 1. */
const PRIMES = [2n ** 64n - 59n, 2n ** 64n - 83n, 2n ** 64n - 95n, 2n ** 63n - 25n, 2n ** 61n - 1n];

const product = fc
  .tuple(fc.constantFrom(...PRIMES), fc.constantFrom(...PRIMES))
  .filter(([p, q]) => p !== q)
  .map(([p, q]) => p * q);
const number = fc.oneof(
  product,
  fc.constantFrom(...PRIMES),
  fc.bigInt({ min: 1n, max: 2n ** 128n }),
  fc.tuple(product, fc.constantFrom(2n, ...PRIMES)).map(([n, factor]) => n * factor),
);

const modulusOf = (n: bigint): Modulus => ({
  ...{ n, e: 65_537n, words: 2 },
  ...{ isTarget: false, bare: true, solved: false },
});
const numbersOf = (values: readonly bigint[]): SharedPrimeCandidate[] =>
  values.map((value, i) => ({ value, part: 'p', offset: 8 * i, length: 16, reading: 'limbs-le' }));

test('every number is found that shares a prime with a modulus, moduli and multiples among them', () => {
  const moduli = fc.uniqueArray(product, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(moduli, fc.array(number, { minLength: 1, maxLength: 30 }), (ns, values) => {
      const all = ns.map(modulusOf);
      const search = {
        family: { words: 2, half: 1, moduli: all },
        effort: new WorkBudget(Number.POSITIVE_INFINITY, new SkippedWork()),
      };
      const found = [...sharedPrimes(numbersOf(values), all, search, 'rsa-known-n primes', 'numbers')].map(
        ({ modulus, material, offset }) =>
          `${modulus.n} ${toBigint((material.p ?? material.q)!.reveal())} ${offset}`,
      );
      const expected = ns.flatMap((n) =>
        values.flatMap((value, i) => {
          const p = gcd(value % n, n);
          return p !== n && bitLength(p) * 6 > bitLength(n) ? [`${n} ${p} ${8 * i}`] : [];
        }),
      );
      expect(found.sort()).toEqual(expected.sort());
    }),
    { numRuns: 100 },
  );
});
