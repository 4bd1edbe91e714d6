import { describe, expect, test } from '@jest/globals';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { RsaWindows } from '../../src/search/rsa/rsa-windows.js';
import { FITTED, INNER, type NumberRecord } from '../../src/sweep/runs/records.js';

const WORDS = 16;

/** A window of 1,024 bits with this low word; `sum` is the checksum of all words. */
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

/** Offset and place of the windows that are kept. */
function kept(...records: NumberRecord[]): [number, number][] {
  const windows = new RsaWindows(new SkippedWork());
  for (const record of records) windows.add(record);
  const { length, offsets, places } = windows.finish().get(WORDS)!;
  return Array.from({ length }, (_, i) => [offsets[i]!, places[i]!]);
}

describe('copies of a window', () => {
  test.each([
    ['at an edge after one at an edge', [windowAt(0, 1), windowAt(800, 1)], [[0, 0]]],
    [
      'inside after one inside',
      [windowAt(0, 1, { inner: true }), windowAt(800, 1, { inner: true })],
      [[0, 1]],
    ],
    ['inside after one at an edge', [windowAt(0, 1), windowAt(800, 1, { inner: true })], [[0, 0]]],
    [
      'at an edge after one inside',
      [windowAt(0, 1, { inner: true }), windowAt(800, 1), windowAt(1600, 1)],
      [
        [0, 1],
        [800, 0],
      ],
    ],
    [
      'behind a header of its length after one at an edge',
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
      'with another checksum',
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

test('windows of all rare sizes share the limit of one usual size, and the rest is reported', () => {
  const skippedWork = new SkippedWork();
  const windows = new RsaWindows(skippedWork);
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
  expect(skippedWork.limits()).toMatchObject([
    { search: 'rsa-unknown-n windows', reason: expect.stringMatching(/^200000 windows /) },
  ]);
});
