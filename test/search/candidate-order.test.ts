import { expect, test } from '@jest/globals';
import { NumberSet } from '../../src/search/core/number-set.js';
import { inFileOrder } from '../../src/search/curves/points/candidate-order.js';
import fc from '../support/property.js';

const SIZE = 32;

test.each([
  ['near the front', 0],
  ['beyond what an offset and an index have room for in a double', 2 ** 40],
])('numbers of files are ordered by where they were seen: %s', (_, base) => {
  // A number that recurs with a new flag moves to its later place; chunks of the sweep arrive out of order.
  const seen = fc.array(
    fc.record({
      number: fc.nat(60),
      step: fc.integer({ min: -3, max: 9 }),
      flags: fc.constantFrom(0, 1, 2, 3),
    }),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(seen, (all) => {
      const set = new NumberSet(SIZE);
      let offset = base + 1000;
      for (const { number, step, flags } of all) {
        offset += step * 8;
        set.add(Buffer.alloc(SIZE, number + 1), 0, offset, flags);
      }
      const order = [...inFileOrder(set)];
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: set.length }, (_, i) => i));
      const offsets = order.map((i) => set.offset(i));
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    }),
  );
});
