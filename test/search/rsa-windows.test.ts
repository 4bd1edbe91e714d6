import { describe, expect, test } from '@jest/globals';
import { FITTED, INNER, type NumberRecord } from '../../src/runs/records.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { RsaWindows } from '../../src/search/rsa/rsa-windows.js';

const WORDS = 16;

/** A window of 1,024 bits that ends with this word; `sum`: of all its words. */
function windowAt(
  offset: number,
  low: number,
  { inner = false, fitted = false, sum = 7 } = {},
): NumberRecord {
  const words = Uint32Array.of(low, 0x1234_5678);
  const bytes = Buffer.from(words.buffer);
  return {
    offset,
    detail: (inner ? INNER : 0) | (fitted ? FITTED : 0),
    sum,
    size: WORDS,
    bytes,
    words,
    at: 0,
  };
}

/** Places and whether they lie inside a run, of what is kept of these. */
function kept(...records: NumberRecord[]): [number, number][] {
  const windows = new RsaWindows(new SkippedWork());
  for (const record of records) windows.add(record);
  const { length, offsets, places } = windows.finish().get(WORDS)!;
  return Array.from({ length }, (_, i) => [offsets[i]!, places[i]!]);
}

describe('windows that are met again', () => {
  test.each([
    ['at an edge once more', [windowAt(0, 1), windowAt(800, 1)], [[0, 0]]],
    ['inside once more', [windowAt(0, 1, { inner: true }), windowAt(800, 1, { inner: true })], [[0, 1]]],
    ['inside behind an edge', [windowAt(0, 1), windowAt(800, 1, { inner: true })], [[0, 0]]],
    [
      'at an edge behind one inside',
      [windowAt(0, 1, { inner: true }), windowAt(800, 1), windowAt(1600, 1)],
      [
        [0, 1],
        [800, 0],
      ],
    ],
    [
      'behind a header of its length behind one at an edge',
      [
        windowAt(0, 1),
        windowAt(800, 1, { fitted: true }),
        windowAt(1600, 1, { fitted: true }),
        windowAt(2400, 1),
      ],
      [
        [0, 0],
        [800, 3],
      ],
    ],
    [
      'with other words than the last',
      [windowAt(0, 1), windowAt(800, 1, { sum: 8 }), windowAt(1600, 1)],
      [
        [0, 0],
        [800, 0],
      ],
    ],
  ])('%s', (_, records, expected) => {
    expect(kept(...records)).toEqual(expected);
  });
});

test('of all sizes that few have so many are kept as of a usual one; the others are told', () => {
  const shortfall = new SkippedWork();
  const windows = new RsaWindows(shortfall);
  const record = windowAt(0, 0);
  const [usual, rare] = [16, [10, 14, 18]];
  for (let low = 0; low < 400_000; low++)
    for (const size of [usual, ...rare]) {
      record.words[0] = low;
      windows.add({ ...record, size, offset: 8 * low });
    }
  const all = windows.finish();
  const kept = rare.map((size) => all.get(size)!.length);
  expect([all.get(usual)!.length, kept.reduce((a, b) => a + b)]).toEqual([400_000, 1_000_000]);
  expect(shortfall.limits()).toMatchObject([
    { search: 'rsa-unknown-n windows', reason: expect.stringMatching(/^200000 windows /) },
  ]);
});
