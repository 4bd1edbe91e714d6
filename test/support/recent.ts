import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { Kind } from './kinds.js';

/** Commits whose rooms count as touched. */
const COMMITS = 20;
/** The share of a kind that one run has, in files. Two slow tests: one for each of two cores. */
const SHARES: Partial<Record<Kind, (files: number) => number>> = {
  heavy: (files) => Math.ceil(files / 5),
  slow: () => 2,
};

const ROOT = fileURLToPath(asset('.'));

/** The output of git in a folder, or undefined if it fails: no repository, or no git. */
function git(cwd: string, ...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** The room of a path: the first folder below src/ or test/. */
const roomOf = (path: string): string | undefined => /^(?:src|test)\/([\w-]+)\//.exec(path)?.[1];

/** Rooms that the last commits touched; undefined, for all rooms, if their history is missing. */
export function touchedRooms(folder = ROOT): ReadonlySet<string> | undefined {
  const known = Number(git(folder, 'rev-list', '--count', 'HEAD') ?? 0);
  const cut = git(folder, 'rev-parse', '--is-shallow-repository')?.trim() !== 'false';
  // The oldest commit of a shallow clone seems to add every file.
  if (cut && known <= COMMITS) return undefined;
  const paths = git(folder, 'log', `-${COMMITS}`, '--name-only', '--format=')?.split('\n');
  return paths && new Set(paths.flatMap((path) => roomOf(path) ?? []));
}

/** The first two digits of the commit's name, which choose the share: there are more than 16. */
export const commitNumber = (): number =>
  Number.parseInt(git(ROOT, 'rev-parse', 'HEAD')?.slice(0, 2) ?? '0', 16);

/**
 * The files of one kind that a run has: those of rooms touched first, then others. `commit` turns both lists,
 * so that different commits choose different files, and all commits together choose all.
 */
export function sharedFiles(
  files: readonly string[],
  kind: Kind,
  rooms: ReadonlySet<string> | undefined,
  commit: number,
): string[] {
  const share = SHARES[kind]?.(files.length) ?? files.length;
  const isTouched = (file: string) => rooms === undefined || rooms.has(roomOf(file) ?? '');
  const turned = (list: readonly string[]): string[] => {
    const start = list.length === 0 ? 0 : (commit * share) % list.length;
    return [...list.slice(start), ...list.slice(0, start)];
  };
  const sorted = files.toSorted();
  const others = sorted.filter((file) => !isTouched(file));
  return [...turned(sorted.filter(isTouched)), ...turned(others)].slice(0, share);
}
