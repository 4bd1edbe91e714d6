import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { Windows } from '../../src/search/core/columns.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { ProductJoin } from '../../src/search/rsa/product-join.js';

test('products that were not formed are reported with the range of all windows, in any order', () => {
  const [primes, moduli] = [new Windows(), new Windows()];
  // Too many to form all products; the lowest and the highest offset are neither first nor last.
  const places = Array.from({ length: 5000 }, (_, i) => 1000 + ((i * 777) % 5000));
  for (const offset of [...places, 200, 3000]) primes.push(offset, 0, BigInt(2 * offset + 1));
  moduli.push(0, 0, 5n);
  const kernel = NumberKernel.take();
  const skippedWork = new SkippedWork();
  const bytes = new RunBytes(bufferReader(Buffer.alloc(8192)), kernel);
  const join = new ProductJoin(kernel, bytes, skippedWork, (usual) => usual);
  const bySize = new Map([
    [16, primes],
    [32, moduli],
  ]);
  expect([...join.factor(bySize, 8192)]).toEqual([]);
  expect(skippedWork.limits()).toMatchObject([
    { search: 'rsa-unknown-n', offset: 200, length: 5999 + 128 - 200 },
  ]);
  kernel.release();
});
