import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';

/** The repository's root, seen from dist/test/support. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Tests over real dumps that the repository does not hold; left out, by name, where their folder is missing. */
export function describeWithSamples(name: string, body: (folder: string) => void): void {
  const folder = process.env.DUMPSIEVE_SAMPLES ?? resolve(ROOT, '../shared/samples');
  if (existsSync(folder)) describe(name, () => body(folder));
  else describe.skip(`${name} (left out: no samples at ${folder})`, () => body(folder));
}
