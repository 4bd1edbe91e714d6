import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import fc from '../support/property.js';
import { HprofBuilder } from './build-hprof.js';

const SIZES: Readonly<Record<number, number>> = { 4: 1, 5: 2, 6: 4, 7: 8, 8: 1, 9: 2, 10: 4, 11: 8 };
const NUMBERS = [8, 10, 11];

interface Built {
  dump: ReturnType<typeof openDump>;
  /** Offset of the array's first element. */
  start: number;
  length: number;
}

/** One array among instances; `before` bytes of an instance shift it. */
function build(idSize: 4 | 8, type: number, count: number, before: number, claimed = count): Built {
  const b = new HprofBuilder(idSize);
  b.instance(0x1000, 0x2000, Buffer.alloc(before, 0xa5));
  const length = count * SIZES[type]!;
  const at = b.primitiveArray(0x3000, type, Buffer.alloc(length, 0x5a), claimed);
  b.instance(0x4000, 0x2000, Buffer.alloc(40, 0x23));
  const start = b.heap() + at + idSize + 10;
  return { dump: openDump(bufferReader(b.done())), start, length };
}

describe('the array around an extent', () => {
  test('is recognised by its head, for bytes, ints and longs at any alignment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<4 | 8>(4, 8),
        fc.constantFrom(...Object.keys(SIZES).map(Number)),
        fc.integer({ min: 33, max: 64 }),
        fc.integer({ min: 24, max: 40 }),
        fc.integer({ min: -8, max: 24 }),
        (idSize, type, count, before, distance) => {
          const { dump, start, length } = build(idSize, type, count, before);
          const offset = start + distance;
          const found = dump.arrayAround?.({ offset, length: Math.max(0, length - distance) });
          const array = { offset: start, length, elementSize: SIZES[type]! };
          expect(found).toEqual(NUMBERS.includes(type) ? array : undefined);
        },
      ),
    );
  });

  test.each([
    ['begins too far before it', 25, 8],
    ['begins too far after it', -9, 8],
    ['ends before it does', 0, 73],
  ])('is none that %s', (_, distance, length) => {
    const { dump, start } = build(8, 8, 64, 30);
    expect(dump.arrayAround?.({ offset: start + distance, length })).toBeUndefined();
  });

  test.each([2 ** 31 - 1, 2 ** 32 - 1])('is none that the file has no room for: %d elements', (count) => {
    const { dump, start } = build(8, 8, 64, 30, count);
    expect(dump.arrayAround?.({ offset: start, length: 64 })).toBeUndefined();
  });

  test('is looked for at every place of a file without leaving it', () => {
    const b = new HprofBuilder(8);
    b.primitiveArray(1, 8, Buffer.alloc(32, 1));
    b.heap();
    const bytes = b.done();
    const dump = openDump(bufferReader(bytes));
    for (let offset = 0; offset <= bytes.length + 40; offset++)
      expect(() => dump.arrayAround?.({ offset, length: 24 })).not.toThrow();
  });
});
