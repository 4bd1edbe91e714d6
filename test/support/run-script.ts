import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a script of the tests prints as JSON, run in a process of its own. `script`: URL of the module. */
export function runScript<T>(script: URL, ...args: readonly number[]): T {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(script), ...args.map(String)],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 20,
    },
  );
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
