import { expect, test } from '@jest/globals';
import { WordTable } from '../../src/search/core/word-table.js';
import fc from '../support/property.js';

const half = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat(3));
const word = fc.tuple(half, half);
const name = ([low, high]: readonly [number, number]) => `${low} ${high}`;

test('a table has the words that were added, but not zero, as a set has them', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 300 }), fc.array(word, { maxLength: 40 }), (added, others) => {
      const table = WordTable.forWords(added.length);
      for (const [low, high] of added) table.add(low, high);
      const known = new Set(added.map(name));
      known.delete('0 0');
      const elsewhere = new WordTable(structuredClone(table.columns));
      for (const each of [...added, ...others]) {
        expect(table.has(...each)).toBe(known.has(name(each)));
        expect(elsewhere.has(...each)).toBe(known.has(name(each)));
      }
      table.clear();
      for (const each of added) expect(table.has(...each)).toBe(false);
    }),
  );
});
