import { expect, test } from '@jest/globals';
import { runScript } from '../support/run-script.js';
import type { Growth } from './growth-child.js';

test('1,000 further scans take no more memory than the first 1,500', () => {
  const script = new URL('./growth-child.js', import.meta.url);
  const { heap, buffers, wasm } = runScript<Growth>(script, 1500, 1000);
  // V8 adds some for functions that get hot. What is kept of a scan would be 10 KB each, and a kernel more.
  expect(heap.after - heap.before).toBeLessThan(3 << 20);
  expect(buffers.after - buffers.before).toBeLessThan(1 << 20);
  expect(wasm.after - wasm.before).toBeLessThan(12);
});
