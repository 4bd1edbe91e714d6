import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import type { Scale } from '../../src/search/core/skipped-work.js';
import { digitNumbers } from '../../src/search/rsa/digit-numbers.js';
import { WRITERS } from '../support/number-writers.js';

test('numbers beyond the budget are reported, and kept without a budget', () => {
  const random = new SeededRandom('digits');
  const sequences = new RunList();
  const parts: Buffer[] = [];
  const [count, words] = [600, 8];
  for (let i = 0; i < count; i++) {
    const value = BigInt(`0x${random.bytes(words * 8).toString('hex')}`) | 1n | (1n << 511n);
    const digits = Buffer.concat([WRITERS['digits30-le32'](value), Buffer.alloc(8, 0xff)]);
    const sequence = digits.subarray(0, 80);
    sequences.push({ offset: i * sequence.length, words: 9 });
    parts.push(sequence);
  }
  const kernel = NumberKernel.take();
  const bytes = new RunBytes(bufferReader(Buffer.concat(parts)), kernel);
  const kept = (budget: Scale): [found: number, dropped: number] => {
    let dropped = 0;
    const found = digitNumbers(sequences, bytes, new Set([words]), budget, () => dropped++);
    return [found.filter(({ reading }) => reading === 'digits30-le32').length, dropped];
  };
  const [some, dropped] = kept((usual) => usual);
  expect(some).toBeLessThanOrEqual(512);
  expect(dropped).toBeGreaterThanOrEqual(count - 512);
  expect(kept(() => Number.POSITIVE_INFINITY)).toEqual([count, 0]);
  kernel.release();
});
