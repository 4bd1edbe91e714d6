import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { gcore, startTarget, type Target } from '../../support/processes.js';
import { program, type RequirementName } from '../../support/programs.js';
import type { Form, KeyName } from './keys.js';

/** One process to dump. */
export interface Process {
  /** Suffix of the program's name in the table: `worker`, `heap dump`. */
  role?: string;
  pid: number;
  /** Writes the dump into the folder and returns its path; gcore if absent. */
  dump?(folder: string): Promise<string>;
}

/** A row of the table of programs. */
export interface Program {
  name: string;
  needs: readonly RequirementName[];
  keys: readonly KeyName[];
  /** The files it loads, in the folder `keys`. */
  files: readonly Form[];
  /** Starts it in `folder` by {@link launch}; resolves once every key has been used. */
  start(folder: string): Promise<Process[]>;
}

const run = promisify(execFile);
const SOURCES = fileURLToPath(asset('test/e2e/bare/sources'));

export const source = (name: string): string => join(SOURCES, name);

const targets: Target[] = [];

/** Starts a program, which {@link stopAll} ends. */
export async function launch(
  folder: string,
  command: string,
  args: readonly string[],
  ready?: string,
): Promise<Target> {
  const options = { cwd: folder, env: { HOME: folder } };
  const target = await startTarget(command, args, ready === undefined ? options : { ...options, ready });
  targets.push(target);
  return target;
}

export async function stopAll(): Promise<void> {
  for (const target of targets.splice(0).reverse()) await target.stop();
}

/** A program that signs on its own, prints `ready` and keeps running. */
export async function signer(folder: string, command: string, args: readonly string[]): Promise<Process[]> {
  const { pid } = await launch(folder, command, args, 'ready');
  return [{ pid }];
}

export function dumpOf({ pid, dump }: Process, folder: string): Promise<string> {
  return dump ? dump(folder) : gcore(pid, folder, { everything: true });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Retries until it succeeds, for servers that do not report when they listen. */
export async function eventually<T>(attempt: () => T | Promise<T>, tries = 600): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(100);
    }
  }
}

/** The keys that a server signs with. */
const ALGORITHMS = {
  rsa: 'RSA-PSS+SHA256:RSA+SHA256',
  p256: 'ECDSA+SHA256',
  p384: 'ECDSA+SHA384',
  ed25519: 'ed25519',
} satisfies Partial<Record<KeyName, string>>;
type ServedKey = keyof typeof ALGORITHMS;

/** TLS handshakes; the server signs with each key three times. `where`: s_client's -connect or -unix. */
export async function handshakes(keys: readonly ServedKey[], ...where: string[]): Promise<void> {
  for (const key of keys)
    for (let i = 0; i < 3; i++)
      await eventually(async () => {
        const args = ['s_client', ...where, '-servername', `${key}.example`, '-sigalgs', ALGORITHMS[key]];
        const client = run(program('openssl'), args, { timeout: 60_000 });
        client.child.stdin?.end();
        const { stdout } = await client;
        if (!stdout.includes(`${key}.example`)) throw new Error(`no handshake with ${key}: ${stdout}`);
      });
}

export function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

const built = new Map<string, string>();
const places: string[] = [];

/**
 * Compiles once for all tests of this file: `build` gets a new folder and returns the path of the program.
 */
export function compiled(name: string, build: (folder: string) => string): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-build-'));
  places.push(folder);
  const path = build(folder);
  built.set(name, path);
  return path;
}

export function removeCompiled(): void {
  for (const folder of places.splice(0)) rmSync(folder, { recursive: true, force: true });
  built.clear();
}

/** Runs a compiler; a failure's error contains its messages. */
export function compile(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): void {
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 1_800_000, ...options });
}
