import { execFileSync } from 'node:child_process';
import { program } from './programs.js';

/** Styles of minidump that lldb saves, from least to most memory. */
export type Style = 'stack' | 'modified-memory' | 'full';

/** Runs commands of lldb; returns what it prints. */
export function lldb(...commands: string[]): string {
  const args = ['--batch', '--no-lldbinit', ...commands.flatMap((command) => ['-o', command])];
  return execFileSync(program('lldb-19'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/**
 * Saves a minidump of a process in each style. `look`: commands whose output is needed. Returns lldb's
 * output.
 */
export function saveMinidumps(
  pid: number,
  paths: Iterable<readonly [Style, string]>,
  look: readonly string[] = [],
): string {
  const saves = [...paths].map(
    ([style, path]) => `process save-core --plugin-name=minidump --style=${style} ${path}`,
  );
  return lldb(`process attach --pid ${pid}`, ...look, ...saves, 'detach');
}
