import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PairCache } from '../../src/search/rsa/pair-cache.js';

const word = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
/** Any but zeros, as 32-bit integers with and without a sign, and a rank. */
const pair = fc
  .tuple(
    word,
    word.map((tag) => (tag & ~3) >>> 0),
    fc.boolean(),
    fc.nat(3),
  )
  .filter(([low, tag]) => (low | tag) !== 0);

describe('pairs that came lately', () => {
  test('are never called known where they did not come, and always where they came last', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 400 }), (pairs) => {
        const recent = new PairCache();
        const came = new Map<string, number>();
        for (const [low, tag, signed, rank] of pairs) {
          const isNew = signed ? recent.isNew(low | 0, tag | 0, rank) : recent.isNew(low, tag, rank);
          const best = came.get(`${low} ${tag}`) ?? -1;
          if (best < rank) expect(isNew).toBe(true);
          for (let lower = 0; lower <= rank; lower++) expect(recent.isNew(low, tag, lower)).toBe(false);
          came.set(`${low} ${tag}`, Math.max(best, rank));
        }
      }),
    );
  });

  test.each([2, 5_000, 100_000, 1_000_000])('%i of them are known again but for some', (count) => {
    const recent = new PairCache();
    const fresh = () => {
      let met = 0;
      for (let i = 1; i <= count; i++)
        if (recent.isNew(Math.imul(i, 0x9e3779b1), Math.imul(i, 0x85ebca77))) met++;
      return met;
    };
    expect(fresh()).toBe(count);
    expect(fresh()).toBeLessThan(0.3 * count);
  });
});
