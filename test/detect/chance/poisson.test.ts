import { describe, expect, test } from '@jest/globals';
import { atLeast, attainable } from '../../../src/detect/chance/poisson.js';
import fc from '../../support/property.js';

/** The definition, term by term. */
function naive(least: number, mean: number): number {
  let below = 0;
  let term = Math.exp(-mean);
  for (let n = 0; n < least; n++) {
    below += term;
    term *= mean / (n + 1);
  }
  return 1 - below;
}

describe('the probability of at least a number of events', () => {
  test.each([
    [0, 0, 1],
    [1, 0, 0],
    [1, 0.05, 0.048_770_575],
    [2, 0.05, 0.001_209_104],
    [3, 3, 0.576_809_919],
    [33, 30.6, 0.355_713],
    [1000, 1000, 0.504_205],
    [1200, 1000, 4.7e-10],
    [10, 1000, 1],
    [100_000, 1, 0],
  ])('%d, of %d on average', (least, mean, wanted) => {
    expect(atLeast(least, mean)).toBeCloseTo(wanted, 6);
  });

  test('as defined', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 120 }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        (n, mean) => {
          expect(atLeast(n, mean)).toBeCloseTo(naive(n, mean), 9);
        },
      ),
    );
  });

  test('falls with the number and grows with the mean, far from both too', () => {
    const number = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(number, fc.double({ min: 0.001, max: 1_000_000, noNaN: true }), (n, mean) => {
        const one = atLeast(n, mean);
        expect(one).toBeGreaterThanOrEqual(0);
        expect(one).toBeLessThanOrEqual(1);
        expect(atLeast(n + 1, mean)).toBeLessThanOrEqual(one + 1e-9);
        expect(atLeast(n, 1.5 * mean)).toBeGreaterThanOrEqual(one - 1e-9);
      }),
    );
  });
});

describe('the greatest probability up to another one', () => {
  test.each([
    [0.05, 0.04, 0.039_210_561],
    [0.05, 0.06, 0.001_729_6],
    [0.01, 0, 0],
    [0.05, 1000, 0.049_348],
  ])('%d, of %d on average', (most, mean, wanted) => {
    expect(attainable(most, mean)).toBeCloseTo(wanted, 4);
  });

  test('as by trying one number after the other', () => {
    const probability = fc.double({ min: 1e-6, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(probability, fc.double({ min: 0, max: 300, noNaN: true }), (most, mean) => {
        let least = 1;
        while (atLeast(least, mean) > most) least++;
        expect(attainable(most, mean)).toBe(atLeast(least, mean));
      }),
    );
  });
});
