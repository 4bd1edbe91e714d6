import { describe, expect, test } from '@jest/globals';
import { Intervals } from '../../../src/core/base/bytes/intervals.js';
import fc from '../../support/property.js';

type Span = [start: number, length: number];

/** The definition: of the intervals that contain the key, the first by start, then by order. */
function naive(spans: readonly Span[], key: number): number {
  const order = spans.map((_, i) => i).sort((a, b) => spans[a]![0] - spans[b]![0] || a - b);
  return order.find((i) => spans[i]![0] <= key && key < spans[i]![0] + spans[i]![1]) ?? -1;
}

describe('Intervals', () => {
  test('agrees with a linear search', () => {
    const span = fc.tuple(fc.nat(60), fc.nat(15));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (spans: Span[]) => {
        const intervals = new Intervals(
          spans.length,
          (i) => BigInt(spans[i]![0]),
          (i) => BigInt(spans[i]![0] + spans[i]![1]),
        );
        for (let key = 0; key < 80; key++) {
          expect(intervals.find(BigInt(key))).toBe(naive(spans, key));
        }
      }),
    );
  });

  test('covers the highest address', () => {
    const top = 2n ** 64n;
    const intervals = new Intervals(
      1,
      () => top - 4n,
      () => top,
    );
    expect(intervals.find(top - 1n)).toBe(0);
    expect(intervals.find(top - 5n)).toBe(-1);
  });
});
