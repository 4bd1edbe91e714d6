import { expect, test } from '@jest/globals';
import { NearestNumbers, type RepeatedNumber } from '../../src/search/curves/nonces/signing-equation.js';
import fc from '../support/property.js';

/** Few values and places, so that numbers are equal, and as near as others. */
const number = fc.record({
  value: fc.bigInt(0n, 20n).map((value) => value + (value << 80n)),
  places: fc.array(fc.nat(60), { minLength: 1, maxLength: 2 }),
});

/** Compares each number with each place. */
function nearestOf(
  all: readonly RepeatedNumber[],
  places: readonly number[],
  most: number,
): RepeatedNumber[] {
  const far = all.map((each) =>
    Math.min(...each.places.flatMap((place) => places.map((own) => Math.abs(place - own)))),
  );
  return [...all.keys()]
    .sort((a, b) => far[a]! - far[b]! || a - b)
    .slice(0, most)
    .map((i) => all[i]!);
}

test('the numbers nearest to some places, in the order of their distance', () => {
  fc.assert(
    fc.property(
      fc.array(number, { maxLength: 40 }),
      fc.array(fc.nat(60), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 12 }),
      (all, places, most) => {
        expect(new NearestNumbers(all).near(places, most)).toEqual(nearestOf(all, places, most));
      },
    ),
  );
});

test('the places of the first number with a value', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), number, (all, { value }) => {
      const expected = all.find((each) => each.value === value)?.places ?? [];
      expect(new NearestNumbers(all).placesOf(value)).toEqual(expected);
    }),
  );
});
