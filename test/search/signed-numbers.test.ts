import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { SignedNumbers } from '../../src/search/signatures/signed-numbers.js';

test.each([
  ['randoms', 7],
  ['transcript hash', 3],
  ['exchange hash', 3],
] as const)('no runs are passed that have no number for %s', (over, least) => {
  const kernel = NumberKernel.take();
  const runs = new RunList();
  for (const [i, words] of [1, 2, 3, 5, 6, 8, 12, 1001].entries()) runs.push({ offset: i * 10_000, words });
  const passed: number[] = [];
  const all = runs.ofWords.bind(runs);
  runs.ofWords = function* (from, to) {
    for (const run of all(from, to)) {
      passed.push(run.words);
      yield run;
    }
  };
  const bytes = new RunBytes(bufferReader(Buffer.alloc(1 << 17)), kernel);
  const found = [...new SignedNumbers(bytes, runs, []).near(0, over)];
  expect(found.length).toBeGreaterThan(0);
  expect(Math.min(...passed)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...passed)).toBe(12);
  kernel.release();
});
