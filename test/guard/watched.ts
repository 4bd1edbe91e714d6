import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WatchedFolder } from '../../src/guard/folders/folders.js';
import type { ListedFile, TakenDump } from '../../src/guard/folders/folders-results.js';
import type { WatchRow } from '../../src/guard/policy/policy.js';
import { withTempDir } from '../support/folder.js';
import { PYTHON } from '../support/programs.js';
import { ageKey } from './seal/age-keys.js';

/** A folder of others, and a guard's state into which it is sealed; keys by Debian's age. */
export interface Watched {
  folder: string;
  state: string;
  /** Path of a file in the folder. */
  path(name: string): string;
  open(row?: Partial<WatchRow>, hasRoom?: (bytes: number) => boolean): WatchedFolder;
  /** Opened by the identity: the content of `spool/ID.age`, and the fields of its info. */
  unsealed(id: string): Buffer;
  info(id: string): Record<string, string>;
  /** Ids of the sealed dumps in the spool. */
  spooled(): string[];
  /** What is left in the folder of drafts and marks, by its ending. */
  left(): string[];
}

const ID = /^(\d{1,12}-[0-9a-f]{8}-\d{1,10}-[0-9a-f]{16})\.age$/;

export const withWatched = (body: (watched: Watched) => Promise<void>): Promise<void> =>
  withTempDir((root) => body(watchedIn(root)));

function watchedIn(root: string): Watched {
  const [folder, state, identity] = ['dumps', 'state', 'identity'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [folder, state]) mkdirSync(each, { mode: 0o700 });
  const key = ageKey('machine');
  writeFileSync(identity, key.identity, { mode: 0o600 });
  const recipients = join(root, 'recipients');
  writeFileSync(recipients, `${key.recipient}\n`);
  const opened = (script: string, file: string): Buffer =>
    execFileSync('bash', ['-o', 'pipefail', '-c', script, 'bash', identity, join(state, 'spool', file)], {
      maxBuffer: 2 ** 30,
    });
  return {
    folder,
    state,
    path: (name) => join(folder, name),
    open: (row = {}, hasRoom) =>
      WatchedFolder.open(
        { path: folder, pattern: '*', quiet: 0, original: 'remove', line: 1, ...row },
        { state, recipients, ...(hasRoom && { hasRoom }) },
      ),
    unsealed: (id) => opened('age -d -i "$1" "$2" | zstd -dc', `${id}.age`),
    info: (id) => {
      const lines = opened('age -d -i "$1" "$2"', `${id}.info.age`).toString().trimEnd().split('\n');
      return Object.fromEntries(lines.map((line) => /^([a-z]+): (.*)$/.exec(line)!.slice(1)));
    },
    spooled: () => readdirSync(join(state, 'spool')).flatMap((name) => ID.exec(name)?.[1] ?? []),
    left: () =>
      readdirSync(join(state, 'watched'), { recursive: true, encoding: 'utf8' }).flatMap(
        (name) => /\.[\w-]+$/.exec(name) ?? [],
      ),
  };
}

/** The results of one look. */
export async function look(
  folder: WatchedFolder,
  signal?: AbortSignal,
): Promise<{ taken: TakenDump[]; listed: ListedFile[] }> {
  const results = { taken: [] as TakenDump[], listed: [] as ListedFile[] };
  for await (const each of folder.take(signal))
    if (each.kind === 'taken') results.taken.push(each);
    else results.listed.push(each);
  return results;
}

/** Looks until a dump is taken. Throws after a while. */
export async function firstTaken(folder: WatchedFolder): Promise<TakenDump> {
  for (let i = 0; i < 600; i++) {
    const { taken } = await look(folder);
    if (taken[0] !== undefined) return taken[0];
    await pause(50);
  }
  throw new Error('no dump was taken');
}

export const digestOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
export const fileDigest = (file: string): string => digestOf(readFileSync(file));

/** Milliseconds until a program is killed that a failed test has left. */
const LONGEST = 30_000;

/** A program in Python that says when it is ready, and ends when its standard input does. */
export async function started(
  code: string,
  args: readonly string[],
  user: { uid?: number; gid?: number } = {},
): Promise<ChildProcess> {
  const script = `import sys\n${code}\nprint(flush=True)\nsys.stdin.read()`;
  const child = spawn(PYTHON, ['-c', script, ...args], {
    ...user,
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: LONGEST,
  });
  await once(child.stdout!, 'data');
  return child;
}

export async function ended(child: ChildProcess): Promise<void> {
  child.stdin!.end();
  await once(child, 'exit');
}
