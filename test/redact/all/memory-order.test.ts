import { expect, test } from '@jest/globals';
import { MemoryOrder, seamColumns } from '../../../src/redact/fill/compressed/streams.js';
import fc from '../../support/property.js';

/** A file of segments of some lengths, and the order in which they are in memory. */
const files = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }).chain((lengths) =>
  fc.record({
    lengths: fc.constant(lengths),
    order: fc.shuffledSubarray([...lengths.keys()], { minLength: lengths.length }),
  }),
);

test('memory goes on at a seam as its bytes do one by one', () => {
  fc.assert(
    fc.property(files, fc.nat(), fc.nat(), ({ lengths, order }, place, count) => {
      const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, each) => sum + each, 0));
      const seams = order.slice(1).flatMap((next, index) => {
        const last = order[index]!;
        const endOffset = starts[last]! + lengths[last]!;
        return endOffset === starts[next] ? [] : [{ endOffset, offset: starts[next]! }];
      });
      const bytes = order.flatMap((index) =>
        Array.from({ length: lengths[index]! }, (_, at) => starts[index]! + at),
      );
      const from = place % bytes.length;
      const length = 1 + (count % (bytes.length - from));
      const found = [...new MemoryOrder(seamColumns(seams)).extents(bytes[from]!, length)].flatMap((extent) =>
        Array.from({ length: extent.length }, (_, at) => extent.offset + at),
      );
      expect(found).toEqual(bytes.slice(from, from + length));
    }),
    { numRuns: 300 },
  );
});
