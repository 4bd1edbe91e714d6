import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { statusOf, threadsOf } from './status.js';

/** States of a thread that executes nothing: stopped, traced, ended. */
const AT_REST: ReadonlySet<string> = new Set(['T', 't', 'Z', 'X']);

/** Checks whether all threads have stopped, and milliseconds between two of them: 2 s in all. */
const LOOKS = 200;
const PAUSE = 10;

/**
 * Script of a shell that sends SIGCONT when its input ends, which the death of this process does too. In a
 * session of its own it is out of reach of signals to a terminal or a process group.
 */
const WATCHER = 'echo ready; read -r line; kill -s CONT "$1"';

/** A process that does not execute while it is read. */
export class PausedProcess {
  readonly #pid: number;
  /** Undefined for a process that was stopped before: it stays so. */
  readonly #watcher: ChildProcess | undefined;
  /** False if some thread did not stop. */
  readonly isAtRest: boolean;

  private constructor(pid: number, watcher: ChildProcess | undefined, isAtRest: boolean) {
    this.#pid = pid;
    this.#watcher = watcher;
    this.isAtRest = isAtRest;
  }

  /** Stops a process. Throws `process-gone`, `process-refused` or `watcher-failed`; it then runs. */
  static async stop(pid: number): Promise<PausedProcess> {
    if (statusOf(pid)?.state === 'T') return new PausedProcess(pid, undefined, true);
    const watcher = await startWatcher(pid);
    try {
      process.kill(pid, 'SIGSTOP');
      return new PausedProcess(pid, watcher, await comesToRest(pid));
    } catch (error) {
      watcher.kill('SIGKILL');
      throw error;
    }
  }

  /** Lets it go on, unless it was stopped before. */
  resume(): void {
    if (this.#watcher === undefined) return;
    try {
      process.kill(this.#pid, 'SIGCONT');
    } catch {
      // It has ended.
    }
    this.#watcher.kill('SIGKILL');
  }
}

async function comesToRest(pid: number): Promise<boolean> {
  const isAtRest = () => threadsOf(pid).every((thread) => AT_REST.has(statusOf(pid, thread)?.state ?? 'X'));
  for (let look = 0; look < LOOKS; look++) {
    if (isAtRest()) return true;
    await setTimeout(PAUSE);
  }
  return false;
}

function startWatcher(pid: number): Promise<ChildProcess> {
  const watcher = spawn('/bin/sh', ['-c', WATCHER, 'dumpsieve-watcher', String(pid)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
  });
  watcher.unref();
  return new Promise((resolve, reject) => {
    const failed = () => {
      watcher.kill('SIGKILL');
      const message = `process ${pid} was not stopped: the shell that would let it go on again did not start`;
      const hint = 'it needs /bin/sh; take a core instead: gcore -o core PID';
      reject(new DumpsieveError({ code: 'watcher-failed', message, hint }, 2));
    };
    watcher.once('error', failed).once('exit', failed);
    watcher.stdin.on('error', () => {});
    watcher.stdout.once('data', () => {
      watcher.off('exit', failed);
      resolve(watcher);
    });
  });
}
