import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { domains } from '../../src/sweep/bigrams.js';
import { assignBuckets, KEY } from '../../src/sweep/bucket-assignment.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:';
const random = new SeededRandom('assign');
const literals = Array.from({ length: 60 }, (_, i) => ({
  bytes: Uint8Array.from(random.bytes(4 + (i % 9)), (byte) => LETTERS.charCodeAt(byte % LETTERS.length)),
  caseless: i % 7 === 0,
}));
const assigned = (starts: number) =>
  assignBuckets(literals, { domains: domains(), windows: 8, passes: 6, starts });

test('each literal gets a key within it, and more starts reduce the cost', () => {
  const efforts = [1, 2, 4].map(assigned);
  for (const { places } of efforts) {
    expect(places).toHaveLength(literals.length);
    for (const [i, { bucket, offset }] of places.entries()) {
      expect(bucket).toBeGreaterThanOrEqual(0);
      expect(offset + KEY).toBeLessThanOrEqual(literals[i]!.bytes.length);
    }
  }
  const [once, ...longer] = efforts.map(({ cost }) => cost);
  for (const cost of longer) expect(cost).toBeLessThan(once!);
  expect(assigned(2)).toEqual(efforts[1]);
});

test('a repeated byte is likely for every value: dumps are full of fill patterns', () => {
  for (let byte = 0; byte < 256; byte++) {
    const again = (byte << 8) | byte;
    const rate = domains().reduce((sum, { first, next }) => sum + first[byte]! * next[again]! ** 2, 0);
    expect(rate).toBeGreaterThan(1e-4);
  }
});
