import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';

/** Commits whose rooms count as touched. */
const COMMITS = 20;
/** Files of a share at most: most take 5 to 40 s, one for each of two cores. */
const SHARE = 2;

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

/** The test files of the rooms touched, or one share of them where there are too many for one run. */
export function recentFiles(
  files: readonly string[],
  rooms: ReadonlySet<string> | undefined,
  commit: number,
): string[] {
  const touched = files.filter((file) => rooms === undefined || rooms.has(roomOf(file) ?? ''));
  const shares = Math.max(1, Math.ceil(touched.length / SHARE));
  return touched.toSorted().filter((_, i) => i % shares === commit % shares);
}
