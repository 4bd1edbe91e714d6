import { describe, expect, test } from '@jest/globals';
import { RsaPublicOperation } from '../../src/search/rsa/rsa-public-op.js';
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

describe('a number to the public exponent', () => {
  test.each([
    [1024, 65_537n],
    [1021, 65_537n],
    [2041, 3n],
    [3072, 4_294_967_295n],
    [4096, 65_537n],
  ])('of %i bits, e = %i, as bigints have it', (bits, e) => {
    fc.assert(
      fc.property(
        odd(bits),
        fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
        fc.nat(9),
        (n, x, spare) => {
          const power = new RsaPublicOperation(n, e);
          expect(power.octets).toBe(Math.ceil(bits / 8));
          const value = bytesOf(x % n, power.octets + spare);
          expect(power.accepts(value)).toBe(true);
          expect(power.apply(value)).toEqual(bytesOf(naive(x % n, e, n), power.octets));
        },
      ),
      { numRuns: 8 },
    );
  });

  test('takes what is below the modulus, however it is padded', () => {
    fc.assert(
      fc.property(
        odd(70),
        fc.bigInt({ min: -2n, max: 2n }),
        fc.integer({ min: -1, max: 3 }),
        (n, beside, spare) => {
          const power = new RsaPublicOperation(n, 65_537n);
          for (const value of [n + beside, n >> 9n, (n + beside) << 16n]) {
            const length = Math.max(power.octets + spare, Math.ceil(value.toString(16).length / 2));
            expect(power.accepts(bytesOf(value, length))).toBe(value < n);
          }
        },
      ),
    );
  });

  test('is not had where OpenSSL refuses the modulus', () => {
    const power = new RsaPublicOperation(1n << 1023n, 65_537n);
    expect(power.apply(bytesOf(5n, 128))).toBeUndefined();
  });
});
