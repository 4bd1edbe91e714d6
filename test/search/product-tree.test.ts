import { describe, expect, test } from '@jest/globals';
import { gcd } from '../../src/core/base/bytes/integers.js';
import { mayBePrime, ProductTree, primesBelow, productOf } from '../../src/search/core/product-tree.js';
import fc from '../support/property.js';

const big = (bits: number) => fc.bigInt({ min: 1n, max: 1n << BigInt(bits) });

function euclid(a: bigint, b: bigint): bigint {
  return b === 0n ? a : euclid(b, a % b);
}

describe('the greatest common divisor', () => {
  test('is Euclid’s, for any lengths', () => {
    fc.assert(
      fc.property(big(2048), big(2048), big(1024), fc.nat(2040), (a, b, shared, shift) => {
        const [x, y] = [a * shared, (b >> BigInt(shift)) * shared];
        expect(gcd(x, y)).toBe(euclid(x, y));
        expect(gcd(-x, y)).toBe(euclid(x, y));
      }),
    );
  });

  test.each([
    [0n, 0n, 0n],
    [0n, 5n, 5n],
    [1n << 4096n, 1n << 51n, 1n << 51n],
    [(1n << 1024n) - 1n, (1n << 1024n) + 1n, 1n],
    [3n ** 900n, 3n ** 899n * 2n, 3n ** 899n],
  ])('of %p and %p', (a, b, expected) => {
    expect(gcd(a, b)).toBe(expected);
    expect(gcd(b, a)).toBe(expected);
  });

  // Quotients of 1 alone: as many steps as there can be.
  test('of neighbours among Fibonacci’s numbers is 1', () => {
    let [a, b] = [1n, 1n];
    for (let i = 0; i < 3000; i++) [a, b] = [b, a + b];
    expect(gcd(a * 7n, b * 7n)).toBe(7n);
  });
});

describe('products', () => {
  test('and remainders down their tree are those of each number', () => {
    fc.assert(
      fc.property(fc.array(big(256), { minLength: 1, maxLength: 9 }), big(4096), (values, value) => {
        const tree = new ProductTree(values);
        const product = values.reduce((all, each) => all * each, 1n);
        expect(tree.product).toBe(product);
        expect(productOf(values)).toBe(product);
        expect(tree.remainders(value)).toEqual(values.map((each) => value % each));
      }),
    );
    expect(productOf([])).toBe(1n);
  });
});

describe('numbers that may be prime', () => {
  const small = primesBelow(1000);

  test('have no prime factor below 1,000', () => {
    expect(small).toHaveLength(168);
    fc.assert(
      fc.property(big(1024), (value) => {
        const large = value + 1000n;
        expect(mayBePrime(large)).toBe(small.every((prime) => large % BigInt(prime) !== 0n));
      }),
    );
  });

  test('such as 2^127 - 1', () => {
    const prime = 2n ** 127n - 1n;
    expect(mayBePrime(prime)).toBe(true);
    for (const factor of small) expect(mayBePrime(prime * BigInt(factor))).toBe(false);
  });
});
