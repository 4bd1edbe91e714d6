import { describe, expect, test } from '@jest/globals';
import { encodingCode, placeAt, sizeOf, Windows } from '../../src/search/core/columns.js';
import { INTEGER_ENCODINGS } from '../../src/search/core/integer-encodings.js';
import { PlaceSet } from '../../src/search/rsa/modulus.js';
import { windowsOutside } from '../../src/search/rsa/rsa-search.js';
import fc from '../support/property.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { heapOf, LAYOUTS } from './memory.js';
import { rsaFrom } from './seeded.js';

const reading = (name: (typeof INTEGER_ENCODINGS)[number], lacking = 0) =>
  encodingCode(INTEGER_ENCODINGS.indexOf(name), lacking);

describe('windowsOutside', () => {
  const extent = fc.record({ offset: fc.nat(4000), length: fc.integer({ min: 1, max: 300 }) });
  const window = fc.record({
    offset: fc.nat(4000),
    code: fc.constantFrom(reading('limbs-le'), reading('bytes-be'), reading('bytes-be', 3)),
  });

  test('keeps the windows that share no byte with a place, in their order', () => {
    fc.assert(
      fc.property(
        fc.array(extent, { maxLength: 12 }),
        fc.array(window, { maxLength: 40 }),
        fc.constantFrom(8, 12, sizeOf(8 * 101)),
        (extents, all, size) => {
          const windows = new Windows();
          for (const [i, { offset, code }] of all.entries()) windows.push(offset, code, BigInt(i));
          const overlaps = (i: number) => {
            const { offset, length } = placeAt(windows, i, size);
            return extents.some(
              (other) => offset < other.offset + other.length && other.offset < offset + length,
            );
          };
          const kept = windowsOutside(new Map([[size, windows]]), new PlaceSet(extents)).get(size)!;
          const indices = [...kept.lows.subarray(0, kept.length)].map(Number);
          expect(indices).toEqual([...all.keys()].filter((i) => !overlaps(i)));
          expect(indices.map((i) => all[i]!.offset)).toEqual([...kept.offsets.subarray(0, kept.length)]);
          expect(indices.map((i) => all[i]!.code)).toEqual([...kept.readings.subarray(0, kept.length)]);
        },
      ),
    );
  });
});

describe('a key next to a known modulus', () => {
  const known = rsaFrom('known', 2048);
  const publicKeys = [{ spki: Buffer.from(spkiOf(known), 'base64') }];
  const write = LAYOUTS['limbs-le']!;
  const { n: other } = parts(known) as Record<'n', Buffer>;

  test.each([
    ['p and q', ['n', 'p', 'q']],
    ['p alone', ['n', 'p']],
  ] as const)('is found by %s, directly after it or before it', (_, names) => {
    const key = rsaFrom('beside', 2048);
    const numbers = names.map((name) => write((parts(key) as Record<string, Buffer>)[name]!));
    for (const root of [false, true])
      for (const chunk of numbers.slice(1))
        for (const pair of [
          [write(other), chunk],
          [chunk, write(other)],
        ]) {
          const rest = numbers.filter((number) => number !== chunk);
          const bytes = heapOf(names.join(), [Buffer.concat(pair), ...rest], 5);
          expect(
            describeAll(searchBytes(bytes, { publicKeys: publicKeys.map((each) => ({ ...each, root })) })),
          ).toMatchObject([{ spki: spkiOf(key) }]);
        }
  });
});

test.each(Object.keys(LAYOUTS))(
  'a prime that is also a text is not taken as a known modulus: %s',
  (layout) => {
    const key = rsaFrom('beside', 2048);
    const numbers = parts(key) as Record<'n' | 'p' | 'q', Buffer>;
    const write = LAYOUTS[layout]!;
    const heap = heapOf(layout, [numbers.n, numbers.p, numbers.q].map(write), 5);
    const gap = Buffer.alloc(32);
    const texts = [numbers.p, numbers.q].flatMap((number) => [
      gap,
      Buffer.from(number.toString('base64url')),
      gap,
    ]);
    expect(describeAll(searchBytes(Buffer.concat([heap, ...texts, gap])))).toEqual([
      { spki: spkiOf(key), encoding: layout, offset: heap.indexOf(write(numbers.p)) },
    ]);
  },
);
