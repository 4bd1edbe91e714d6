import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LIST, PublicPlaces } from '../../../src/prove/judge/public-places.js';

/** Whether each of the identities' first places is in a list. */
function listed(offsets: readonly number[], list?: typeof LIST): boolean[] {
  const places = new PublicPlaces();
  for (const [identity, offset] of offsets.entries()) places.add(identity, { offset, length: 300 }, true);
  return places.byIdentity(offsets.length, list).map(([first]) => first!.inList);
}

const spread = (count: number, step: number, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i * step);
const all = (count: number, value: boolean) => Array.from({ length: count }, () => value);

test.each<[string, readonly number[], boolean[]]>([
  ['16 certificates of a bundle', spread(16, 1200), all(16, true)],
  ['15 of them', spread(15, 1200), all(15, false)],
  ['16 whose first and last are 64 KiB apart', [...spread(15, 1200), 65_536], all(16, false)],
  ['16 whose first and last are nearly 64 KiB apart', [...spread(15, 1200), 65_535], all(16, true)],
  ['16, and one behind them', [...spread(16, 100), 200_000], [...all(16, true), false]],
  ['40 lines of known_hosts, anywhere in a file', spread(40, 3000, 1e9), all(40, true)],
  ['40 certificates 5,000 bytes apart', spread(40, 5000), all(40, false)],
])('a list: %s', (_, offsets, expected) => {
  expect(listed(offsets)).toEqual(expected);
});

test('a list has distinct identities', () => {
  const places = new PublicPlaces();
  for (const i of Array(64).keys()) places.add(i % 15, { offset: i * 100, length: 90 }, false);
  const inLists = places.byIdentity(15).flat();
  expect(inLists).toHaveLength(64);
  expect(inLists.some(({ inList }) => inList)).toBe(false);
});

test('places beyond the bound are dropped', () => {
  const places = new PublicPlaces();
  for (let i = 0; i < 1 << 18; i++) places.add(0, { offset: i, length: 1 }, false);
  places.add(1, { offset: 0, length: 1 }, false);
  places.drop(2);
  expect([0, 1, 2].map((identity) => places.isDropped(identity))).toEqual([false, true, true]);
});

test('lists are as by comparison of all places', () => {
  const place = fc.record({ identity: fc.nat(9), offset: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (given, identities) => {
      const list = { identities, bytes: 50 } as unknown as typeof LIST;
      const places = new PublicPlaces();
      for (const { identity, offset } of given) places.add(identity, { offset, length: 4 }, false);
      const starts = given.map(({ offset }) => offset);
      const isListed = (at: number): boolean =>
        starts.some((from) => {
          const own = given.filter(({ offset }) => offset >= from && offset < from + list.bytes);
          const distinct = new Set(own.map(({ identity }) => identity)).size;
          return at >= from && at < from + list.bytes && distinct >= identities;
        });
      for (const [identity, all] of places.byIdentity(10, list).entries()) {
        const expected = given.filter((each) => each.identity === identity).map(({ offset }) => offset);
        expect(all.map(({ offset }) => offset)).toEqual(expected.sort((a, b) => a - b));
        for (const { offset, inList } of all) expect(inList).toBe(isListed(offset));
      }
    }),
  );
});
