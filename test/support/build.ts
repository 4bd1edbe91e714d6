import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';

/**
 * Rebuilds what is older than what it is made of. `quick`: without what only makes the program start faster.
 * False if a step fails.
 */
export function buildStale({ quick }: { quick: boolean }): boolean {
  const script = fileURLToPath(asset('build/build.mjs'));
  const purpose = quick ? 'fast-tests' : 'tests';
  return (
    spawnSync(process.execPath, [script, purpose], { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  );
}
