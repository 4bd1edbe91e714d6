import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { program } from './programs.js';

const run = promisify(execFile);

/** A process started by a test in order to dump it. */
export interface Target {
  pid: number;
  child: ChildProcess;
  stop(): Promise<void>;
}

export interface TargetOptions {
  /** The whole environment, as under `env -i`: nothing of the developer's may get into the dump. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Written to its standard input, which stays open. */
  input?: Uint8Array;
  /** Waits for this text on standard output or standard error. */
  ready?: string;
  /**
   * Waits until it has used no processor time for this many milliseconds; for programs that print nothing.
   */
  settle?: number;
}

const PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** Starts a long-running program with its standard input open. */
export async function startTarget(
  command: string,
  args: readonly string[],
  options: TargetOptions = {},
): Promise<Target> {
  const child = spawn(command, args, {
    env: { PATH, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // a process group, so that its children end with it
  });
  const exited = once(child, 'close');
  await once(child, 'spawn');
  const { ready, input } = options;
  if (input !== undefined) child.stdin.write(input);
  if (ready !== undefined) await printed(child, ready);
  if (options.settle !== undefined) await calm(child, options.settle);
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error(`${command} ended before it was dumped`);
  return {
    pid: child.pid,
    child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
      await exited;
    },
  };
}

/** Most intervals to wait for calm: some programs compute a little ten times a second indefinitely. */
const MOST_INTERVALS = 60;

/**
 * Resolves when the process has slept for an interval without using processor time, has ended, or does not
 * calm down.
 */
async function calm({ pid }: ChildProcess, milliseconds: number): Promise<void> {
  for (let before = '', i = 0; i < MOST_INTERVALS; i++) {
    await sleep(milliseconds);
    let stat: string;
    try {
      stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    } catch {
      return;
    }
    // proc(5): state, then fields 14 and 15, user and kernel time; the name before may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, used] = [fields[0], `${fields[11]} ${fields[12]}`];
    if (state === 'Z' || (state === 'S' && used === before)) return;
    before = used;
  }
}

/** Resolves when the process has printed `text`; rejects with its output if it ends first. */
function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const look = (part: Buffer) => {
      seen += part.toString();
      if (seen.includes(text)) resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', () => reject(new Error(`ended without "${text}": ${seen}`)));
  });
}

/**
 * gdb's gcore: a sparse core whose PT_NOTE follows the memory. Returns its path. `everything`: also memory
 * excluded from cores (MADV_DONTDUMP).
 */
export async function gcore(pid: number, folder: string, { everything = false } = {}): Promise<string> {
  const path = join(folder, `gcore.${pid}`);
  const excluded = `set dump-excluded-mappings ${everything ? 'on' : 'off'}`;
  const commands = ['set debuginfod enabled off', 'set auto-load off', excluded, `gcore ${path}`];
  const args = ['-nx', '-batch', ...commands.flatMap((command) => ['-ex', command]), '-p', String(pid)];
  const { stdout, stderr } = await run(program('gdb'), args, { timeout: 600_000 });
  if (!stdout.includes('Saved corefile')) throw new Error(`gdb wrote no core: ${stdout}${stderr}`);
  return path;
}

/** Starts a program, dumps it by gcore and stops it; returns the path of the core. */
export async function dumpOf(
  command: string,
  args: readonly string[],
  folder: string,
  options: TargetOptions = {},
): Promise<string> {
  const target = await startTarget(command, args, { cwd: folder, ...options });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}

/**
 * The kernel's own core of a process that runs in `folder` without a core size limit ({@link coreable}),
 * ended by SIGABRT. Returns the core's path.
 */
export async function kernelCore(target: Target, folder: string): Promise<string> {
  const gone = once(target.child, 'close');
  process.kill(target.pid, 'SIGABRT');
  await gone;
  const name = readdirSync(folder).find((entry) => /^core(\.\d+)?$/.test(entry));
  if (name === undefined)
    throw new Error(`the kernel wrote no core into the working folder: ${readdirSync(folder)}`);
  const path = join(folder, `kernel.${target.pid}`);
  renameSync(join(folder, name), path);
  return path;
}

/** The command line that runs `command` without a limit on its core's size. */
export function coreable(command: string, args: readonly string[]): [string, string[]] {
  return ['/bin/sh', ['-c', 'ulimit -c unlimited && exec "$0" "$@"', command, ...args]];
}

/** One line of /proc/PID/maps. */
export interface Mapping {
  start: bigint;
  end: bigint;
  /** Path, `[heap]`, `[stack]`, or empty if anonymous. */
  name: string;
}

/** The mappings of a live process; read them before dumping it. */
export function mappings(pid: number): Mapping[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, start, end, name] = /^([0-9a-f]+)-([0-9a-f]+)(?: +\S+){4} *(.*)$/.exec(line)!;
    return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), name: name! };
  });
}
