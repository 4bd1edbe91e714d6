import { describe, expect, test } from '@jest/globals';
import { WordIndex } from '../../src/search/core/word-index.js';
import fc from '../support/property.js';

/** Words of which many are equal, or have one half in common. */
const word = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 20n }),
  fc.bigInt({ min: 0n, max: 20n }).map((high) => high << 32n),
);

describe('an index of words', () => {
  test('has the entries of each word, as a list has', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 400 }), fc.array(word, { maxLength: 20 }), (added, others) => {
        const index = new WordIndex();
        for (const each of added) index.add(each);
        for (const each of [...added, ...others])
          expect([...index.entries(each)]).toEqual(added.flatMap((one, i) => (one === each ? [i] : [])));
        expect([...index.words]).toEqual(added);
      }),
      { numRuns: 200 },
    );
  });

  test('takes a hundred thousand words that differ in their upper bits alone', () => {
    const index = new WordIndex();
    for (let i = 0n; i < 100_000n; i++) index.add(i << 40n);
    expect([...index.entries(99_999n << 40n)]).toEqual([99_999]);
    expect([...index.entries(1n)]).toEqual([]);
  });
});
