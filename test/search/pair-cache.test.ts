import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PairCache } from '../../src/search/rsa/rsa-windows.js';

const word = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
/** A pair other than (0, 0), whether to pass it as signed integers, and a rank. */
const pair = fc
  .tuple(
    word,
    word.map((tag) => (tag & ~3) >>> 0),
    fc.boolean(),
    fc.nat(3),
  )
  .filter(([low, tag]) => (low | tag) !== 0);

describe('PairCache', () => {
  test('never recognises a new pair, and always the last one', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 400 }), (pairs) => {
        const cache = new PairCache();
        const ranks = new Map<string, number>();
        for (const [low, tag, signed, rank] of pairs) {
          const isNew = signed ? cache.isNew(low | 0, tag | 0, rank) : cache.isNew(low, tag, rank);
          const best = ranks.get(`${low} ${tag}`) ?? -1;
          if (best < rank) expect(isNew).toBe(true);
          for (let lower = 0; lower <= rank; lower++) expect(cache.isNew(low, tag, lower)).toBe(false);
          ranks.set(`${low} ${tag}`, Math.max(best, rank));
        }
      }),
    );
  });

  test.each([2, 5_000, 100_000, 1_000_000])('recognises most of %i pairs', (count) => {
    const cache = new PairCache();
    const fresh = () => {
      let newPairs = 0;
      for (let i = 1; i <= count; i++)
        if (cache.isNew(Math.imul(i, 0x9e3779b1), Math.imul(i, 0x85ebca77))) newPairs++;
      return newPairs;
    };
    expect(fresh()).toBe(count);
    expect(fresh()).toBeLessThan(0.3 * count);
  });
});
