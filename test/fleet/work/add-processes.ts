import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../../fleet/src/store/open.js';
import type { AddResult } from '../../../fleet/src/work/options.js';
import type { AddRequest } from './add-process.js';

export type { AddRequest } from './add-process.js';

const SCRIPT = fileURLToPath(new URL('./add-process.js', import.meta.url));

/** What a process has printed at its end. */
export type Added = AddResult & { notices: string[]; cpu: NodeJS.CpuUsage };

/** Lines of a file that may not be there yet. */
function linesOf(path: string): number {
  if (!existsSync(path)) return 0;
  return readFileSync(path, 'latin1').split('\n').length - 1;
}

/** `hunt add` in a process group of its own, with its scan children. */
export class AddProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #output = '';
  #errors = '';

  /** `node`: path of the Node that runs it. */
  constructor(request: AddRequest, node = process.execPath) {
    this.#process = spawn(node, [SCRIPT, JSON.stringify(request)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout!.on('data', (text: Buffer) => {
      this.#output += text.toString();
    });
    this.#process.stderr!.on('data', (text: Buffer) => {
      this.#errors += text.toString();
    });
    this.#ended = once(this.#process, 'close');
  }

  /** Characters that it has printed so far. */
  get printed(): number {
    return this.#output.length + this.#errors.length;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Kills it and its children at once. */
  async killGroup(): Promise<void> {
    if (!this.hasEnded) process.kill(-this.#process.pid!, 'SIGKILL');
    await this.#ended;
  }

  /**
   * Kills the group when this number of scans has begun since this call, a few ms later, or at once if it
   * ends before. Returns whether there was something to kill.
   */
  async killAfter(scans: number, log: string, milliseconds: number): Promise<boolean> {
    const goal = linesOf(log) + scans;
    while (!this.hasEnded && linesOf(log) < goal) await sleep(10);
    await sleep(milliseconds);
    const isAlive = !this.hasEnded;
    await this.killGroup();
    return isAlive;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async result(): Promise<Added> {
    const [code] = await this.#ended;
    if (code !== 0) throw new Error(`it ended with ${code}: ${this.#errors}`);
    return JSON.parse(this.#output) as Added;
  }
}

/** What a store holds, without what differs between runs. */
export async function contentOf(place: string): Promise<{
  digest: string;
  problems: readonly string[];
  failures: { name: string; crashes: number; dead: boolean }[];
}> {
  const store = await openStore(place);
  try {
    const failures: { name: string; crashes: number; dead: boolean }[] = [];
    for await (const { dump, crashes, dead } of store.questions.failures())
      failures.push({ name: dump.uri.slice(dump.uri.lastIndexOf('/') + 1), crashes, dead });
    return { digest: await store.digest(), problems: await store.check(), failures };
  } finally {
    await store.close();
  }
}
