import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { withTempDir } from '../../support/folder.js';
import { program } from '../../support/programs.js';
import { ageKey } from './age-keys.js';

/** The handler as it is shipped. */
export const SEAL = fileURLToPath(asset('install/guard/seal'));

/** Variables of its settings file (docs/guard.md). */
export type Settings = Readonly<Record<string, string | number>>;

/** Complete names of the spool: time, boot, process and key. */
export const NAME = /^\d{10}-[0-9a-f]{8}-\d+-[0-9a-f]{16}(?<cut>\.cut)?\.age$/;

/** What the kernel says of a crash, in the order of the pattern. */
export interface Crash {
  pid?: number;
  uid?: number;
  limit?: string;
  time?: number;
  program?: string;
}

/** Process ids above those of any process: /proc has none of them. */
const FIRST_PID = 4_500_000;
let pids = FIRST_PID;

/** Arguments as by `%P %u %g %s %c %d %t %E`. Without a process id: one of no process. */
export function kernelArgs({ pid, uid = 0, limit = 'unlimited', time, program: name }: Crash = {}): string[] {
  pids += 1;
  const path = (name ?? '/usr/bin/made-up').replaceAll('/', '!');
  const seconds = time ?? Math.floor(Date.now() / 1000);
  return [String(pid ?? pids), String(uid), '0', '11', limit, '1', String(seconds), path];
}

/** Processes of a handler: the shell and all below it, from proc(5). */
export function processesOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const below = (each: number): number[] => [each, ...(children.get(each) ?? []).flatMap(below)];
  return below(pid);
}

/** Waits until a condition holds; fails after 20 s, which no load explains. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !holds(); i++) await sleep(10);
  if (!holds()) throw new Error(`after 20 s it does not hold: ${holds}`);
}

/** Runs a body with a guard of its own. */
export const withGuard = (body: (guard: Guard) => Promise<void>, settings?: Settings): Promise<void> =>
  withTempDir((folder) => body(new Guard(folder, settings)));

/** A state folder with keys and settings, below a temporary folder. */
export class Guard {
  readonly state: string;
  readonly settings: string;
  readonly log: string;
  readonly identity: string;
  readonly recipient: string;

  /** `state`: an existing folder for it, on a file system of its own. */
  constructor(
    readonly folder: string,
    settings: Settings = {},
    state = join(folder, 'state'),
  ) {
    this.state = state;
    for (const name of ['', 'spool', 'refused'])
      mkdirSync(join(state, name), { recursive: true, mode: 0o700 });
    this.log = join(folder, 'log');
    this.identity = join(folder, 'identity');
    this.settings = join(folder, 'seal.conf');
    const { identity, recipient } = ageKey('machine');
    writeFileSync(this.identity, identity, { mode: 0o600 });
    this.recipient = recipient;
    writeFileSync(join(folder, 'recipients'), `# a test\n${this.recipient}\n`);
    this.set(settings);
  }

  /**
   * Writes the settings; what is not named is as by default, also the share: of a larger one, the quarter
   * that is the owners' alone may be more than what the disk has left. Without `nice` a handler gives way to
   * nothing, so that a test does not wait for a loaded machine.
   */
  set(settings: Settings, { nice = false } = {}): void {
    const all = { state: this.state, recipients: join(this.folder, 'recipients'), share: 20, ...settings };
    const lines = Object.entries(all).map(([name, value]) => `${name}='${value}'\n`);
    if (!nice) lines.push('renice() { :; }\n');
    // Errors and refusals go into a file, not into the kernel's log.
    writeFileSync(this.settings, [...lines, `exec 2>>'${this.log}'\n`].join(''));
    chmodSync(this.settings, 0o644);
  }

  /** Starts the handler with an empty environment, in `/`, as the kernel does. */
  start(args: readonly string[]): { input: Writable; pid: number; status: Promise<number | null> } {
    const child = spawn(SEAL, [this.settings, ...args], {
      env: {},
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.on('error', () => {}); // it may refuse before all is written
    const status = once(child, 'exit').then(([code]) => code as number | null);
    return { input: child.stdin, pid: child.pid!, status };
  }

  /** Runs the handler over bytes. Its exit status: 0 if it keeps the dump. */
  seal(bytes: Uint8Array | Readable, args: readonly string[] = kernelArgs()): Promise<number | null> {
    const { input, status } = this.start(args);
    if (bytes instanceof Uint8Array) input.end(bytes);
    else bytes.pipe(input);
    return status;
  }

  /** Names in the spool, sorted. */
  spool(): string[] {
    return readdirSync(join(this.state, 'spool')).sort();
  }

  /** Complete dumps in the spool, whole or cut. */
  dumps(): string[] {
    return this.spool().filter((name) => NAME.test(name));
  }

  /** Dumps that a handler writes. */
  running(): string[] {
    return this.spool().filter((name) => /^\..*\.\d+\.\d+$/.test(name));
  }

  path(name: string): string {
    return join(this.state, 'spool', name);
  }

  /** What a sealed dump holds, and whether age and zstd read it to its end. */
  open(name: string): { bytes: Buffer; whole: boolean } {
    const script = 'set -o pipefail; age -d -i "$0" "$1" | zstd -dcq';
    const output: Buffer[] = [];
    try {
      const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
      const options = { stdio, maxBuffer: 2 ** 30 };
      output.push(execFileSync('bash', ['-c', script, this.identity, this.path(name)], options));
      return { bytes: Buffer.concat(output), whole: true };
    } catch (error) {
      return { bytes: (error as { stdout: Buffer }).stdout, whole: false };
    }
  }

  /** Does age, and then zstd, read a sealed dump to its end, and give these bytes? */
  holds(name: string, bytes: Uint8Array): boolean {
    const { bytes: kept, whole } = this.open(name);
    return whole && kept.equals(bytes);
  }

  /** What /proc said of the process: the lines before the sections. */
  info(name: string): Map<string, string> {
    const sealed = this.path(name.replace(/(\.cut)?\.age$/, '.info.age'));
    const text = execFileSync(program('age'), ['-d', '-i', this.identity, sealed], { encoding: 'utf8' });
    const [head = '', ...sections] = text.split('\n\n');
    const lines = head.split('\n').map((line): [string, string] => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    });
    return new Map([...lines, ['sections', sections.join('\n\n')]]);
  }

  /** Reasons of refusals, one for each line of the log. */
  refusals(): string[] {
    const text = existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
    return [...text.matchAll(/^<4>dumpsieve seal: refused (\w+) \d+-[0-9a-f]{8}-\d+-[0-9a-f]{16}$/gm)].map(
      ([, reason]) => reason!,
    );
  }

  /** Refusals of a reason in the file that counts them. */
  counted(reason: string): number {
    const file = join(this.state, 'refused', reason);
    return existsSync(file) ? readFileSync(file, 'utf8').match(/^\d+ [0-9a-f]{16}$/gm)!.length : 0;
  }
}
