import { generatePrimeSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { halfGcd } from '../../src/core/base/bytes/integers.js';
import {
  type Completion,
  closestPoint,
  factorInPlane,
  type KnownPart,
  maxLostInPlane,
} from '../../src/search/rsa/plane.js';
import fc from '../support/property.js';

const SIDES = ['high', 'low'] as const;

/** The known part of p with `lost` bits lost. */
function partOf(p: bigint, bits: number, lost: number, side: KnownPart['side']): KnownPart {
  const known = bits - lost;
  return { side, value: side === 'high' ? p >> BigInt(lost) : BigInt.asUintN(known, p), known, lost };
}

/** Two primes of `bits` bits with a product of 2 * bits bits. */
function primes(bits: number): [bigint, bigint] {
  for (;;) {
    const [p, q] = [1, 2].map(() => generatePrimeSync(bits, { bigint: true })) as [bigint, bigint];
    if (p !== q && (p * q) >> BigInt(2 * bits - 1) === 1n) return [p, q];
  }
}

const made = new Map<number, [bigint, bigint]>();

/** Cached, since generating long primes takes seconds. */
function primesOf(bits: number): [bigint, bigint] {
  const pair = made.get(bits) ?? primes(bits);
  made.set(bits, pair);
  return pair;
}

function expectPrime(complete: (part: KnownPart) => Completion, bits: number, lost: number): void {
  const [p, q] = primesOf(bits);
  const other = q + 2n;
  for (const side of SIDES)
    for (const prime of [p, q]) {
      const completion = complete(partOf(prime, bits, lost, side));
      // Compared as booleans, so that a failure prints no secret.
      expect(completion(p * q) === prime).toBe(true);
      expect(completion(q * other) === undefined || prime === q).toBe(true);
    }
}

describe('factorInPlane', () => {
  test.each([256, 384, 512, 1000, 1024, 2048])('recovers a prime of %d bits from two thirds', (bits) => {
    const most = maxLostInPlane(bits);
    for (const lost of [1, 2, 8, 64, 128, most - 1, most].filter((each) => each <= most))
      expectPrime(factorInPlane, bits, lost);
  });

  test('recovers a prime from any larger share', () => {
    const pairs = [primesOf(256), primesOf(512)];
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        ([p, q], share, high) => {
          const bits = p.toString(2).length;
          const lost = Math.max(1, Math.floor(share * maxLostInPlane(bits)));
          const completion = factorInPlane(partOf(p, bits, lost, high ? 'high' : 'low'));
          expect(completion(p * q) === p).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('finds only true divisors for unrelated numbers', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 1n << 384n }),
        fc.bigInt({ min: 1n, max: 1n << 1024n }),
        fc.constantFrom(...SIDES),
        (value, n, side) => {
          const p = factorInPlane({ side, value, known: 384, lost: 64 })(n);
          expect(p === undefined || n % p === 0n).toBe(true);
        },
      ),
    );
  });
});

test.each(SIDES)('finds nothing beyond two thirds: %s', (side) => {
  const [p, q] = primesOf(512);
  expect(factorInPlane(partOf(p, 512, 200, side))(p * q)).toBeUndefined();
});

/** All cofactors of Euclid's algorithm. */
function cofactors(a: bigint, m: bigint): { s: bigint; t: bigint; y: bigint }[] {
  const steps = [{ s: 0n, t: 1n, y: a }];
  for (let [x, y, s, t] = [m, a, 0n, 1n]; y > 0n; steps.push({ s, t, y })) {
    const quotient = x / y;
    [x, y, s, t] = [y, x - quotient * y, t, s - quotient * t];
  }
  return steps;
}

test('halfway gives two successive cofactors where the remainder has half the bits', () => {
  const pairs = fc
    .integer({ min: 2, max: 600 })
    .chain((bits) => fc.tuple(...[0, 1].map(() => fc.bigInt({ min: 1n, max: 1n << BigInt(bits) }))))
    .map(([m, a]) => [m! + 1n, (a! % m!) + 1n] as const)
    .filter(([m, a]) => a < m);
  fc.assert(
    fc.property(pairs, ([m, a]) => {
      const [s, t] = halfGcd(a, m);
      const step = cofactors(a, m).find((each) => each.s === s && each.t === t);
      const middle = m.toString(2).length >> 1;
      expect(step!.y >> BigInt(middle)).toBe(0n);
      // At most a few steps past the middle.
      expect(t * t < m << 8n).toBe(true);
    }),
  );
});

test('closestPoint finds a point within its bounds', () => {
  const random = new SeededRandom('nearest');
  const number = (bits: number) => BigInt(`0x${random.bytes(bits / 8).toString('hex')}`);
  for (let i = 0; i < 200; i++) {
    const [m, a] = [number(320) | (1n << 319n), number(320) >> 1n];
    const [x, off] = [number(128) - (1n << 127n), number(128) - (1n << 127n)];
    expect(closestPoint(a, m, (((a * x + off) % m) + m) % m)).toBe(x);
  }
});
