import { describe, expect, test } from '@jest/globals';
import { RsaPublicOperation } from '../../src/search/rsa/certificate-signatures.js';
import fc from '../support/property.js';

/** Square and multiply, bit by bit. */
function naive(base: bigint, exponent: bigint, m: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % m;
    if (bit === '1') result = (result * base) % m;
  }
  return result;
}

const bytesOf = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');

const odd = (bits: number) =>
  fc.bigInt({ min: 1n << BigInt(bits - 1), max: (1n << BigInt(bits)) - 1n }).map((n) => n | 1n);

describe('RsaPublicOperation', () => {
  test.each([
    [1024, 65_537n],
    [1021, 65_537n],
    [2041, 3n],
    [3072, 4_294_967_295n],
    [4096, 65_537n],
  ])('agrees with bigints at %i bits, e = %i', (bits, e) => {
    fc.assert(
      fc.property(
        odd(bits),
        fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
        fc.nat(9),
        (n, x, spare) => {
          const operation = new RsaPublicOperation(n, e);
          expect(operation.octets).toBe(Math.ceil(bits / 8));
          const value = bytesOf(x % n, operation.octets + spare);
          expect(operation.accepts(value)).toBe(true);
          expect(operation.apply(value)).toEqual(bytesOf(naive(x % n, e, n), operation.octets));
        },
      ),
      { numRuns: 8 },
    );
  });

  test('accepts numbers below the modulus with any padding', () => {
    fc.assert(
      fc.property(
        odd(70),
        fc.bigInt({ min: -2n, max: 2n }),
        fc.integer({ min: -1, max: 3 }),
        (n, delta, spare) => {
          const operation = new RsaPublicOperation(n, 65_537n);
          for (const value of [n + delta, n >> 9n, (n + delta) << 16n]) {
            const length = Math.max(operation.octets + spare, Math.ceil(value.toString(16).length / 2));
            expect(operation.accepts(bytesOf(value, length))).toBe(value < n);
          }
        },
      ),
    );
  });

  test('is undefined if OpenSSL refuses the modulus', () => {
    const operation = new RsaPublicOperation(1n << 1023n, 65_537n);
    expect(operation.apply(bytesOf(5n, 128))).toBeUndefined();
  });
});
