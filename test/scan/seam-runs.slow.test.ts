import { describe, expect, test } from '@jest/globals';
import fc from '../support/property.js';
import { FORMATS, type Layout, SECRETS, scanSplit } from './split-memory.js';

const PAGE = 4096;
const formats = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

/** Indices in an order that a random number chooses. */
function permuted(count: number, choice: number): number[] {
  const rest = Array.from({ length: count }, (_, index) => index);
  const order: number[] = [];
  for (let left = choice; rest.length > 0; left = Math.floor(left / 7)) {
    order.push(...rest.splice(left % rest.length, 1));
  }
  return order;
}

describe.each(Object.entries(SECRETS))('%s', (_, secret) => {
  const { bytes, at, length } = secret;
  const whole = scanSplit(secret, { cuts: [], order: [0] });
  const expectSame = async (layout: Layout): Promise<void> => {
    const found = await scanSplit(secret, layout);
    expect({ lines: found.lines, layout }).toEqual({ lines: (await whole).lines, layout });
  };

  test('is found in one segment', async () => {
    expect((await whole).lines.length).toBeGreaterThan(0);
  });

  test('is found if a seam cuts it at any byte', async () => {
    // Odd, so that words are cut at each of their bytes.
    const step = 2 * Math.floor(length / 20) + 1;
    for (let cut = at - 8; cut <= at + length + 8; cut += step)
      await expectSame({ cuts: [cut], order: [1, 0], gap: cut % 8 });
  });

  test('is found over several seams, in any order of the file and any format', async () => {
    const layouts = fc.record({
      format: fc.constantFrom(...formats),
      cuts: fc
        .uniqueArray(fc.integer({ min: at - 40, max: at + length + 40 }), { minLength: 1, maxLength: 5 })
        .map((cuts) => cuts.sort((a, b) => a - b)),
      choice: fc.nat(),
      gap: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(layouts, ({ choice, ...layout }) =>
        expectSame({ ...layout, order: permuted(layout.cuts.length + 1, choice) }),
      ),
      { numRuns: 10 },
    );
  });

  test('is found in pages in reversed order', async () => {
    // A page begins within the secret.
    const first = (at + length / 2) % PAGE;
    const cuts = Array.from({ length: Math.floor((bytes.length - first) / PAGE) }, (_, i) => {
      return Math.floor(first) + i * PAGE;
    });
    await expectSame({ cuts, order: permuted(cuts.length + 1, 0).reverse() });
  });
});

describe('segments that are not adjacent in memory', () => {
  const scalar = SECRETS['scalar of P-256']!;
  const { at, length } = scalar;
  const cut = at + length / 2;

  test('give a number that is whole in the order of the file, marked so', async () => {
    const { lines, occurrences } = await scanSplit(scalar, { cuts: [cut], order: [0, 1], apart: 0x10_0000n });
    expect(lines).toHaveLength(1);
    expect(occurrences).toMatchObject([{ length, notAdjacentInMemory: true }]);
    expect(occurrences[0]).not.toHaveProperty('extents');
  });

  test('give none in another order', async () => {
    expect(await scanSplit(scalar, { cuts: [cut], order: [1, 0], apart: 0x10_0000n })).toMatchObject({
      lines: [],
      limits: [],
    });
  });
});

test('a number over a seam has its address and both extents', async () => {
  const scalar = SECRETS['scalar of P-256']!;
  const { at, length } = scalar;
  const { occurrences } = await scanSplit(scalar, { cuts: [at + 12], order: [1, 0] });
  const [place] = occurrences;
  expect(place?.extents?.map((extent) => extent.length)).toEqual([12, length - 12]);
  expect(place?.extents?.[0]?.offset).toBe(place?.offset);
  expect(place).not.toHaveProperty('notAdjacentInMemory');
});
