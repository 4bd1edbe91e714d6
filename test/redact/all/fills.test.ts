import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Fills } from '../../../src/redact/all/fills.js';

const LENGTH = 300;

const range = fc.record({
  offset: fc.integer({ min: -5, max: LENGTH + 5 }),
  length: fc.integer({ min: 0, max: 40 }),
  cause: fc.constantFrom('rsa', 'token'),
  fill: fc.constantFrom(0, 42),
});

describe('Fills', () => {
  it('is the union of what was added, each byte as the first range has it', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
        const fills = new Fills(LENGTH);
        const expected = new Array<string | undefined>(LENGTH);
        for (const { offset, length, cause, fill } of ranges) {
          let isNew = false;
          for (let at = Math.max(0, offset); at < Math.min(LENGTH, offset + length); at++) {
            isNew ||= expected[at] === undefined;
            expected[at] ??= `${cause} ${fill}`;
          }
          expect(fills.add(offset, length, cause, fill)).toBe(isNew);
          expect(fills.covers(offset, length)).toBe(
            offset >= 0 && offset + length <= LENGTH ? true : length === 0,
          );
        }
        const byCause = new Array<string | undefined>(LENGTH);
        for (const { offset, length, fill, cause } of fills.extents())
          byCause.fill(`${cause} ${fill}`, offset, offset + length);
        expect(byCause).toEqual(expected);
        const byFill = new Array<string | undefined>(LENGTH);
        let last = -1;
        for (const { offset, length, fill } of fills.spans()) {
          expect(offset).toBeGreaterThanOrEqual(last);
          last = offset + length;
          byFill.fill(`${fill}`, offset, last);
        }
        expect(byFill).toEqual(expected.map((each) => each?.split(' ')[1]));
        expect(fills.bytes).toBe(expected.filter((each) => each !== undefined).length);
        const bytes = fills.byCause().reduce((sum, each) => sum + each.bytes, 0);
        expect(bytes).toBe(fills.bytes);
      }),
    );
  });

  it('keeps many pieces apart in any order', () => {
    const fills = new Fills(1 << 20);
    for (let index = 0; index < 5000; index++) fills.add(((index * 7919) % 5000) * 100, 10, 'token');
    const spans = fills.spans();
    expect(spans.length).toBe(5000);
    expect(spans.every(({ offset, length }, index) => offset === index * 100 && length === 10)).toBe(true);
    fills.add(0, 500_000, 'window');
    expect(fills.spans()).toEqual([{ offset: 0, length: 500_000, fill: 0 }]);
  });

  it('says that there were too many', () => {
    const fills = new Fills(100, { most: 2 });
    expect([0, 10, 20].map((offset) => fills.add(offset, 1, 'token'))).toEqual([true, true, false]);
    expect(fills.overflowed).toBe(true);
  });
});
