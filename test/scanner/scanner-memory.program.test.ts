import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { Growth } from './growth-child.js';
import type { Remains } from './memory-child.js';

/** What a scanner keeps in memory of the sources that it has scanned. */

function run<T>(script: string, ...args: number[]): T {
  const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args.map(String)], {
    encoding: 'utf8',
    maxBuffer: 1 << 20,
  });
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

test.each([
  ['of one kernel call', 1, 64 * 1024],
  ['that threads sweep', 3, 12 << 20],
])('no secret of a source %s is left in a buffer, a kernel or a string', (_, jobs, size) => {
  const { found, buffers, strings, looked } = run<Remains>('memory-child', jobs, size);
  expect(found).toEqual(['github-token', 'private-key-number']);
  expect(buffers).toEqual([]);
  expect(strings).toEqual([]);
  expect(looked).toBeGreaterThan(20);
});

test('1,000 scans take no more memory than 300', () => {
  const { heap, buffers, wasm } = run<Growth>('growth-child', 300, 700);
  // Bytes that V8 itself adds: caches of code, feedback of functions.
  expect(heap.after - heap.before).toBeLessThan(3 << 20);
  expect(buffers.after - buffers.before).toBeLessThan(1 << 20);
  expect(wasm.after).toBe(wasm.before);
});
