import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { CliResult } from './cli.js';

/** One call of the program: its arguments and its working folder. */
export interface Call {
  args: readonly string[];
  cwd: string;
}

/** Calls per process: it is replaced before leaks add up. */
const MOST = 64;

const PROCESS = fileURLToPath(new URL('warm-process.js', import.meta.url));
const LOADER = fileURLToPath(asset('bin/load.js'));

/**
 * Executes calls one after the other in a warm process: start-up and JIT compilation are most of a short run.
 * The process goes on between calls, and between test files, without keeping its parent alive.
 */
export class WarmCli {
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #calls = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** The call's output and exit status. Rejects if the process ends during the call. */
  run(call: Call): Promise<CliResult> {
    const result = this.#last.then(() => this.#make(call));
    this.#last = result.catch(() => this.end());
    return result;
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #make(call: Call): Promise<CliResult> {
    if (this.#calls++ % MOST === 0) this.end();
    this.#child ??= fork(PROCESS, [LOADER], {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const child = this.#child;
    holdParent(child, true);
    return new Promise<CliResult>((resolve, reject) => {
      const answered = (result: unknown): void => {
        child.off('exit', ended);
        resolve(result as CliResult);
      };
      const ended = (status: number | null, signal: string | null): void => {
        child.off('message', answered);
        reject(new Error(`dumpsieve ${call.args.join(' ')}: its process ended with ${status ?? signal}`));
      };
      child.once('message', answered).once('exit', ended);
      child.send(call);
    }).finally(() => holdParent(child, false));
  }
}

/** Whether this process waits for a child before it ends. The child ends with it: no more calls can come. */
function holdParent(child: ChildProcess, hold: boolean): void {
  const method = hold ? 'ref' : 'unref';
  child[method]();
  child.channel?.[method]();
}
