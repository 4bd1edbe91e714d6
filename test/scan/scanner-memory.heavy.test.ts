import { expect, test } from '@jest/globals';
import { runScript } from '../support/run-script.js';
import type { Remains } from './memory-child.js';

const SCRIPT = new URL('./memory-child.js', import.meta.url);

test.each([
  ['of one kernel call', 1, 64 * 1024],
  ['that threads sweep', 3, 12 << 20],
])('no secret of a source %s is left in a buffer, a kernel or a string', (_, jobs, size) => {
  const { found, buffers, strings, looked } = runScript<Remains>(SCRIPT, jobs, size);
  expect(found).toEqual(['github-token', 'private-key-number']);
  expect(buffers).toEqual([]);
  expect(strings).toEqual([]);
  expect(looked).toBeGreaterThan(20);
});
