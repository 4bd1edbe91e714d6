import { describe, expect, test } from '@jest/globals';
import { DOMAINS } from '../../../src/core/asn1/domain.js';
import { inverse, inverseOfPower } from '../../../src/core/base/bytes/integers.js';
import fc from '../../support/property.js';

describe('the inverse of a power of two', () => {
  test.each(DOMAINS.map((domain) => [domain.name, domain] as const))(
    'modulo the order of %s',
    (_, { n, size }) => {
      for (const bits of [8 * size, 64 * Math.ceil(size / 8)])
        expect((inverseOfPower(bits, n) << BigInt(bits)) % n).toBe(1n);
    },
  );

  test('agrees with the extended Euclidean algorithm', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 600n }), fc.integer({ min: 1, max: 640 }), (half, bits) => {
        const m = 2n * half + 1n;
        expect(inverseOfPower(bits, m)).toBe(inverse(2n ** BigInt(bits), m));
      }),
    );
  });
});
