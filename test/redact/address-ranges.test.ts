import { describe, expect, test } from '@jest/globals';
import { ADDRESS_LIMIT, AddressRanges } from '../../src/redact/core/address-ranges.js';
import fc from '../support/property.js';

const SIZE = 64;
const range = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([start, end]) => ({ start: BigInt(start), end: BigInt(end) }));
const ranges = fc.array(range, { maxLength: 8 });

/** Addresses below SIZE that a set of ranges has. */
const members = (all: AddressRanges): number[] =>
  Array.from({ length: SIZE + 1 }, (_, address) => address).filter((address) => all.has(address));

const naive = (list: readonly { start: bigint; end: bigint }[], address: number): boolean =>
  list.some(({ start, end }) => address >= Number(start) && address < Number(end));

describe('ranges of addresses', () => {
  test('are a set of addresses', () =>
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [one, other] = [AddressRanges.of(a), AddressRanges.of(b)];
        const all = Array.from({ length: SIZE + 1 }, (_, address) => address);
        expect(members(one)).toEqual(all.filter((x) => naive(a, x)));
        expect(members(one.plus(other))).toEqual(all.filter((x) => naive(a, x) || naive(b, x)));
        expect(members(one.minus(other))).toEqual(all.filter((x) => naive(a, x) && !naive(b, x)));
        expect(one.size).toBe(members(one).length);
      }),
    ));

  test('end at 2^53', () => {
    const all = AddressRanges.of([{ start: 0n, end: 2n ** 64n }]);
    expect([all.has(ADDRESS_LIMIT - 1), all.has(ADDRESS_LIMIT), all.has(2 ** 64)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
