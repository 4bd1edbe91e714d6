import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { leaveOut } from './describe.js';

/**
 * Tests over real dumps that are not in the repository: in a folder next to it or at DUMPSIEVE_SAMPLES. If
 * the folder is missing they are skipped and named, never a failure.
 */
export function describeWithSamples(name: string, body: (folder: string) => void): void {
  const folder = process.env.DUMPSIEVE_SAMPLES ?? fileURLToPath(asset('../shared/samples'));
  if (existsSync(folder)) describe(name, () => body(folder));
  else leaveOut(name, `no samples at ${folder}`);
}
