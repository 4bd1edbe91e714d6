import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { domains } from '../../src/sweep/bigrams.js';
import { assignBuckets, KEY } from '../../src/sweep/bucket-assignment.js';
import { CandidateRates, type Nibbles } from '../../src/sweep/candidate-rates.js';
import fc from '../support/property.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:';
const models = domains();
const random = new SeededRandom('assign');
const literals = Array.from({ length: 60 }, (_, i) => ({
  bytes: Uint8Array.from(random.bytes(4 + (i % 9)), (byte) => LETTERS.charCodeAt(byte % LETTERS.length)),
  caseless: i % 7 === 0,
}));
const assigned = (starts: number) =>
  assignBuckets(literals, { rates: new CandidateRates(), windows: 8, passes: 6, starts });

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
    const rate = models.reduce((sum, { first, next }) => sum + first[byte]! * next[again]! ** 2, 0);
    expect(rate).toBeGreaterThan(1e-4);
  }
});

const isAccepted = (nibbles: Nibbles, byte: number): boolean =>
  ((nibbles >>> (byte & 15)) & (nibbles >>> (16 + (byte >> 4))) & 1) === 1;

/** Expected candidates for each byte, by their definition. */
function naiveRate([xs, ys, zs]: [Nibbles, Nibbles, Nibbles]): number {
  const bytes = [...Array(256).keys()];
  const [fronts, middles, ends] = [xs, ys, zs].map((nibbles) => bytes.filter((b) => isAccepted(nibbles, b)));
  let rate = 0;
  for (const { first, next } of models)
    for (const x of fronts!)
      for (const y of middles!)
        for (const z of ends!) rate += first[x]! * next[(x << 8) | y]! * next[(y << 8) | z]!;
  return rate;
}

test('the rate of masks is the sum over the bytes they accept', () => {
  const rates = new CandidateRates();
  const nibbles = fc
    .array(fc.nat(31), { maxLength: 12 })
    .map((bits) => bits.reduce((m, bit) => m | (1 << bit), 0));
  fc.assert(
    fc.property(fc.tuple(nibbles, nibbles, nibbles), (masks) => {
      expect(rates.of(masks)).toBeCloseTo(naiveRate(masks), 12);
    }),
  );
});
