import { expect, test } from '@jest/globals';
import { NumberKernel } from '../../src/search/core/kernel.js';

const MiB = 2 ** 20;

test('a kernel that was given back is taken again, and holds nothing of what was there', () => {
  const kernel = NumberKernel.take();
  const first = kernel.allocate(1000);
  const second = kernel.allocate(MiB);
  kernel.view(first, 1000).fill(0x55);
  kernel.view(second, MiB).fill(0xaa);
  kernel.release();
  expect(NumberKernel.take()).toBe(kernel);
  expect([kernel.allocate(1000), kernel.allocate(MiB)]).toEqual([first, second]);
  expect(kernel.view(first, second + MiB - first).every((byte) => byte === 0)).toBe(true);
  kernel.release();
});

test('a kernel is no one else’s while it is taken, however often it was given back', () => {
  const kernel = NumberKernel.take();
  kernel.release();
  kernel.release();
  const taken = [NumberKernel.take(), NumberKernel.take(), NumberKernel.take()];
  expect(new Set(taken).size).toBe(3);
  for (const each of taken) each.release();
});

test('a kernel that has become large is left to the garbage collector', () => {
  const kernel = NumberKernel.take();
  kernel.allocate(20 * MiB);
  kernel.release();
  expect(NumberKernel.take()).not.toBe(kernel);
});
