import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { NumberSet } from '../../src/search/core/number-set.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { numbersNear } from '../../src/search/curves/scalars/numbers-near-points.js';

const APART = 1 << 15;
const POINTS = 44;

/** Random words around points, in runs of 96 words. */
function around(budget: (usual: number) => number) {
  const memory = new SeededRandom('around points').bytes(POINTS * APART);
  const kernel = NumberKernel.take();
  const runs = new RunList();
  for (let offset = 0; offset + 800 <= memory.length; offset += 800) runs.push({ offset, words: 96 });
  const points = Array.from({ length: POINTS }, (_, i) => ({
    ...{ x: BigInt(i), y: 1n, written: false },
    places: [i * APART + APART / 2],
  }));
  const skippedWork = new SkippedWork();
  const bytes = new RunBytes(bufferReader(memory), kernel);
  const set = numbersNear(points, new NumberSet(32), {
    kernel,
    bytes,
    runs,
    inModule: () => false,
    budget,
    skippedWork,
  });
  const offsets = Array.from({ length: set.length }, (_, i) => set.offset(i));
  kernel.release();
  return { offsets, limits: skippedWork.limits() };
}

test('the nearest numbers of the first points are tried, then of others, and the rest is reported', () => {
  const { offsets, limits } = around((usual) => usual);
  expect(new Set(offsets).size).toBe(24_576);
  // 16 points, 384 words around each.
  const first = offsets.slice(0, 6144);
  const far = first.filter((offset) => Math.abs((offset % APART) - APART / 2) > 1700 || offset >= 16 * APART);
  expect(far).toEqual([]);
  const others = offsets.slice(6144);
  expect(Math.max(...others)).toBeGreaterThan(POINTS * APART - APART);
  expect(limits).toMatchObject([{ search: 'ec-scalars near points', target: 'blind' }]);
});

test('without a budget numbers are kept up to a bound, and the rest is reported', () => {
  const { offsets, limits } = around(() => Number.POSITIVE_INFINITY);
  expect(offsets).toHaveLength(1 << 17);
  expect(limits).toMatchObject([
    {
      search: 'ec-scalars near points',
      reason: expect.stringMatching(/^\d+ numbers around points were not tried/),
    },
  ]);
});
