import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe } from '@jest/globals';

const CORES = 'kernel cores in the working folder';

function isThere(name: string): boolean {
  if (name !== CORES) return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
  const pattern = '/proc/sys/kernel/core_pattern';
  return existsSync(pattern) && /^core\b[^/|]*$/.test(readFileSync(pattern, 'utf8').trim());
}

/** Tests that run other programs; left out, by name, where one is missing. */
export function describeWith(names: readonly string[], name: string, body: () => void): void {
  const lacking = names.filter((each) => !isThere(each));
  if (lacking.length === 0) describe(name, body);
  else describe.skip(`${name} (left out: ${lacking.join(', ')} not found)`, body);
}
