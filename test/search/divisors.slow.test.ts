import { describe, expect, test } from '@jest/globals';
import { padded, toBytes } from '../../src/core/base/bytes/integers.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { DivisorFinder, isFullOdd } from '../../src/search/rsa/divisors.js';
import fc from '../support/property.js';

const octetsOf = (value: bigint, words: number) => Buffer.from(padded(toBytes(value), words * 8));

function pairsOf(divisors: readonly bigint[], multiples: readonly bigint[], words: number) {
  const search = new DivisorFinder(
    new NumberKernel(),
    words,
    multiples.map((value) => octetsOf(value, 2 * words)),
  );
  const found = search.pairs(divisors.map((value) => octetsOf(value, words)));
  return [...found].map(({ divisor, multiple }) => `${divisor} ${multiple}`);
}

/** Divides every pair. */
const naive = (divisors: readonly bigint[], multiples: readonly bigint[]) =>
  divisors.flatMap((p, i) => multiples.flatMap((n, j) => (n % p === 0n ? [`${i} ${j}`] : [])));

/** Odd, with the top bit set; biased to the ends of the range and to long sequences of equal bits. */
function numberOf(words: number): fc.Arbitrary<bigint> {
  const bits = BigInt(words * 64);
  const [least, most] = [1n << (bits - 1n), (1n << bits) - 1n];
  return fc
    .oneof(
      fc.bigInt({ min: least, max: most }),
      fc.bigInt({ min: 0n, max: 1n << 40n }).map((low) => least + low),
      fc.bigInt({ min: 0n, max: 1n << 40n }).map((below) => most - below),
    )
    .map((value) => value | 1n);
}

/** Odd multiples of `p` with twice its words, biased to the first and the last. */
function multipleOf(p: bigint, words: number): fc.Arbitrary<bigint> {
  const bits = BigInt(words * 128);
  const first = ((1n << (bits - 1n)) / p + 1n) | 1n;
  const last = (((1n << bits) - 1n) / p - 1n) | 1n;
  return fc
    .oneof(fc.constant(first), fc.constant(last), fc.bigInt({ min: first, max: last }))
    .map((q) => (q | 1n) * p);
}

describe('DivisorFinder', () => {
  test('finds all divisors, and nearly nothing else', () => {
    const cases = fc.constantFrom(1, 2, 3, 8, 16, 33).chain((words) =>
      fc.array(numberOf(words), { minLength: 1, maxLength: 5 }).chain((divisors) =>
        fc.record({
          words: fc.constant(words),
          divisors: fc.constant(divisors),
          multiples: fc.array(
            fc.oneof(
              numberOf(2 * words),
              fc.constantFrom(...divisors).chain((p) => multipleOf(p, words)),
            ),
            { minLength: 1, maxLength: 8 },
          ),
        }),
      ),
    );
    let falsePairs = 0;
    fc.assert(
      fc.property(cases, ({ words, divisors, multiples }) => {
        const whole = multiples.filter((n) => n >> BigInt(words * 128 - 1) === 1n);
        const found = pairsOf(divisors, whole, words);
        const wanted = naive(divisors, whole);
        expect(found).toEqual(expect.arrayContaining(wanted));
        falsePairs += found.length - wanted.length;
      }),
      { numRuns: 400 },
    );
    // Divisors near a power of two have quotients near one, and some false pairs pass.
    expect(falsePairs).toBeLessThan(100);
  });

  test('returns all pairs in as many calls as needed if each number divides all multiples', () => {
    const words = 8;
    const p = (1n << 512n) - 569n;
    const divisors = Array.from({ length: 2500 }, () => p);
    const multiples = Array.from({ length: 40 }, (_, i) => p * ((1n << 512n) - 1n - 2n * BigInt(i)));
    expect(pairsOf(divisors, multiples, words)).toHaveLength(divisors.length * multiples.length);
  });

  test.each([
    ['even', (1n << 127n) + 2n, false],
    ['short', (1n << 126n) + 1n, false],
    ['long', (1n << 128n) + 1n, false],
    ['odd with its top bit', (1n << 127n) + 1n, true],
  ])('takes odd numbers that fill their words: %s', (_, value, expected) => {
    expect(isFullOdd(octetsOf(value, 2), 2)).toBe(expected);
  });
});
