import { expect, test } from '@jest/globals';
import { isLinear } from './work.js';

/** Looks at every pair if `pairs` is true. */
function visits(size: number, pairs: boolean): number {
  let seen = 0;
  for (let i = 0; i < size; i++) for (let k = 0; k < (pairs ? size : 1); k++) seen++;
  return seen;
}

test('work that grows with the square of the input is not linear', async () => {
  expect(await isLinear((size) => () => visits(size, true), 500)).toBe(false);
  expect(await isLinear((size) => () => visits(size, false), 250_000)).toBe(true);
});
