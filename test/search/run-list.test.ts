import { expect, test } from '@jest/globals';
import { RunList } from '../../src/search/core/run-list.js';
import fc from '../support/property.js';

const BLOCK = 65_536;
const run = fc.record({ offset: fc.nat(40 * BLOCK), words: fc.integer({ min: 1, max: 20_000 }) });

test('dense ranges are the blocks of all runs from an offset on, in whatever order the runs came', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 30 }), fc.nat(40 * BLOCK), (all, least) => {
      const runs = new RunList();
      for (const each of all) runs.push(each);
      const blocks = new Set<number>();
      for (const { offset, words } of all)
        for (let at = offset; at < offset + words * 8; at++) blocks.add(Math.floor(at / BLOCK));
      const expected = [...blocks].filter((block) => (block + 1) * BLOCK > least).sort((a, b) => a - b);
      const ranges = runs.denseRanges(least);
      const found = ranges.flatMap(({ from, to }) =>
        Array.from({ length: (to - from) / BLOCK }, (_, i) => from / BLOCK + i),
      );
      expect(found).toEqual(expected);
      for (const [i, { from }] of ranges.entries())
        if (i > 0) expect(from).toBeGreaterThan(ranges[i - 1]!.to);
    }),
  );
});

test('if runs are missing, all memory counts', () => {
  const runs = new RunList();
  runs.push({ offset: 0, words: 4 });
  runs.cut();
  expect(runs.denseRanges(BLOCK + 1)).toEqual([{ from: BLOCK, to: Number.POSITIVE_INFINITY }]);
});
