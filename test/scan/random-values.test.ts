import { expect, test } from '@jest/globals';
import { RandomValues } from '../../src/scan/owned-values.js';
import { packRun } from '../../src/sweep/values/value-run.js';

const run = (length: number, wide = false): number => packRun({ length, wide, cut: false, random: true });

const hits = (...all: [offset: number, id: number][]) => ({
  offsets: Float64Array.from(all, ([offset]) => offset),
  ids: Uint32Array.from(all, ([, id]) => id),
});

test('runs are kept with their lengths in bytes, in order also where a part was swept twice', () => {
  const values = new RandomValues();
  values.push(hits([2 ** 40, run(20)], [2 ** 40 + 50, run(16, true)]));
  values.push(hits([7, run(40)]));
  const { offsets, lengths } = values.runs();
  expect([...offsets]).toEqual([7, 2 ** 40, 2 ** 40 + 50]);
  expect([...lengths]).toEqual([40, 20, 32]);
  expect(values.left).toBe(0);
});

test('runs beyond the limit are counted', () => {
  const values = new RandomValues(100);
  for (let i = 0; i < 50; i++)
    values.push(hits([100 * i, run(20)], [100 * i + 50, run(20)], [100 * i + 75, run(20)]));
  expect([values.count, values.left, values.runs().offsets.length]).toEqual([100, 50, 100]);
});
