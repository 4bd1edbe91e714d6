import { describe, expect, test } from '@jest/globals';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { primesBelow } from '../../src/search/core/product-tree.js';
import { smallFactors, withoutSmallFactors } from '../../src/search/rsa/small-primes.js';
import fc from '../support/property.js';

const small = primesBelow(65_537);
const kernel = new NumberKernel();

const naive = (value: bigint) => small.filter((prime) => value % BigInt(prime) === 0n);

const prime = fc.oneof(
  fc.constantFrom(...small),
  fc.constantFrom(...small.slice(0, 20)),
  fc.constantFrom(...small.slice(-20)),
);
/** Numbers of up to 2,048 bits times up to `most` small primes. */
const numberOf = (most: number) =>
  fc
    .tuple(
      fc.bigInt({ min: 1n, max: 1n << 2048n }),
      fc.nat(2047),
      fc.array(prime, { minLength: 0, maxLength: most }),
    )
    .map(([value, shift, factors]) =>
      factors.reduce((product, factor) => product * BigInt(factor), (value >> BigInt(shift)) + 2n),
    );

describe('smallFactors', () => {
  test('finds all primes below 65,537 that divide a number', () => {
    fc.assert(
      fc.property(fc.array(numberOf(3), { minLength: 1, maxLength: 9 }), (values) => {
        expect(smallFactors(kernel, values)).toEqual(values.map(naive));
      }),
      { numRuns: 40 },
    );
  });

  test('finds them if their product has more than 64 bits', () => {
    fc.assert(
      fc.property(fc.array(numberOf(40), { minLength: 1, maxLength: 5 }), (values) => {
        expect(smallFactors(kernel, values)).toEqual(values.map(naive));
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['of 2', [2n]],
    ['of the largest prime below the limit', [65_521n]],
    ['of the first prime above the limit', [65_537n]],
    ['of a square', [65_521n ** 2n]],
    ['of a power of two', [1n << 1024n]],
    ['of a number and its multiple', [65_521n * 65_519n, 65_521n * 65_519n * 65_521n]],
    // The remainder of the primorial is zero.
    ['of a divisor of the primorial', [small.slice(0, 300).reduce((all, each) => all * BigInt(each), 1n)]],
    ['of two numbers of different lengths', [3n, (1n << 4096n) + 1n]],
    ['of an empty list', []],
  ])('%s', (_, values) => {
    expect(smallFactors(kernel, values)).toEqual(values.map(naive));
  });
});

test('withoutSmallFactors keeps the pairs of numbers that no prime below 65,537 divides', () => {
  const pair = fc.tuple(numberOf(1), numberOf(1));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 5 }), fc.constantFrom(1, 30), (some, times) => {
      // More than one batch; without their small factors some pairs are kept.
      const rough = some.map((pair) => pair.map(withoutFactors) as [bigint, bigint]);
      const pairs = Array.from({ length: times }, () => [...some, ...rough]).flat();
      const isRough = (each: readonly bigint[]) => each.every((value) => naive(value).length === 0);
      expect(withoutSmallFactors(kernel, pairs, (each) => each)).toEqual(pairs.filter(isRough));
    }),
    { numRuns: 10 },
  );
});

function withoutFactors(value: bigint): bigint {
  let rest = value;
  for (const prime of naive(value)) while (rest % BigInt(prime) === 0n) rest /= BigInt(prime);
  return rest > 1n ? rest : 65_537n;
}
