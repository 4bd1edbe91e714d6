import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { definedFields } from '../../core/base/runtime/defined.js';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import type { ChildUser } from '../../core/options/check-options.js';
import { FRAMES, type FromChild, LAST, OUT_OF_MEMORY, type Request, type ToChild } from './messages.js';

/** Environment of a child: nothing that may be a secret of its parent. */
const INHERITED = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'TZ', 'SYSTEMROOT', 'DUMPSIEVE_KERNEL'] as const;

const MIB = 1 << 20;
/** Characters of its standard error that are looked at, for V8's reason. They are never shown. */
const MOST_ERROR = 64 * 1024;
const HEAP_FULL = /heap out of memory|Allocation failed/;

/** How a child may end before its answer. */
const ENDS = {
  'scan-child-timed-out': 'the scan took longer than it may',
  'scan-child-out-of-memory': 'the scan took more memory than it may',
  'scan-child-crashed': 'the process of the scan ended',
} as const;

const NO_START = 'could not be started';

function ended(code: keyof typeof ENDS, how: string): DumpsieveError {
  const message = code === 'scan-child-crashed' ? `${ENDS[code]} (${how})` : ENDS[code];
  const hint = 'what it has not reported was not searched: quarantine the dump';
  return new DumpsieveError({ code, message, hint }, 2);
}

/** Throws `scan-child-crashed` for an error that Node reports at once; the others are events. */
function start(...[command, parameters, options]: Parameters<typeof spawn>): ChildProcess {
  try {
    return spawn(command, parameters, options);
  } catch (error) {
    throw ended('scan-child-crashed', `${NO_START}, ${reasonOf(error)}`);
  }
}

/** How a child is started. */
export interface ChildStart {
  /** Bytes of resident memory; 0 or absent: no limit. */
  memory?: number | undefined;
  /** Whose permissions it has; only root can choose. Absent: those of this process. */
  user?: ChildUser | undefined;
  /** Descriptor of its standard input. Default: none. */
  stdin?: number;
  /** Descriptor of a file that it reads sealed sources from. Default: none. */
  spool?: number;
  /** Its program. Default: a scanner. */
  script?: URL;
  /** Its working folder, which is entered before the user is changed. Default: that of this process. */
  folder?: string;
}

const SCANNER = new URL('./child-main.js', import.meta.url);

/** A running child, and its messages in order. */
export class ChildHandle {
  readonly #spawned: ChildProcess;
  readonly #messages: FromChild[] = [];
  #waiting: (() => void)[] = [];
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  #resolveEnded!: () => void;
  #end: DumpsieveError | undefined;
  #timedOut = false;
  #outOfMemory = false;
  #errors = '';
  /** The number of the last request, and whether the end of its answer was not read yet. */
  #request = 0;
  #isBusy = false;

  constructor({ memory = 0, user, stdin, spool, script = SCANNER, folder }: ChildStart) {
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const heap = memory > 0 ? [`--max-old-space-size=${Math.max(16, Math.floor(memory / MIB))}`] : [];
    const environment = INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    this.#spawned = start(process.execPath, [...heap, fileURLToPath(script), String(memory)], {
      ...user,
      ...definedFields({ cwd: folder }),
      env: Object.fromEntries(environment),
      stdio: [stdin ?? 'ignore', 'ignore', 'pipe', 'pipe', 'ipc', ...(spool === undefined ? [] : [spool])],
      serialization: 'advanced',
      windowsHide: true,
    });
    this.#spawned.on('message', (message) => this.#take(message as FromChild));
    this.#spawned.on('error', (error) => this.#ended(`${NO_START}, ${reasonOf(error)}`));
    this.#spawned.once('close', (code, signal) => this.#ended(signal ?? `exit status ${code}`));
    this.#spawned.stderr?.on('data', (text: Buffer) => {
      if (this.#errors.length < MOST_ERROR) this.#errors += text.toString('latin1');
    });
    this.channel?.on('data', (text: Buffer) => {
      this.#outOfMemory ||= text.toString('latin1').includes(OUT_OF_MEMORY);
    });
    // A child that is gone resets the channel; its end is reported.
    this.channel?.on('error', () => {});
  }

  /** Where frames are written to. Undefined if it could not be started for want of descriptors. */
  get channel(): Duplex | undefined {
    const stdio = this.#spawned.stdio as readonly unknown[] | undefined;
    return stdio?.[FRAMES] as Duplex | undefined;
  }

  get pid(): number | undefined {
    return this.#spawned.pid;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** It works on a request: it is of no use for another one before the end of its answer. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  request(request: Request): void {
    this.#isBusy = true;
    this.send({ ...request, request: ++this.#request });
  }

  send(message: ToChild): void {
    // An error means that it is gone, which the next message says.
    if (!this.isOver && this.#spawned.connected) this.#spawned.send(message, () => {});
  }

  /** The next message of the answer. Throws how the child has ended, if it has. */
  async next(): Promise<FromChild> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return this.#checked(message);
      if (this.#end !== undefined) throw this.#end;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #checked(message: FromChild): FromChild {
    if (message.request !== this.#request)
      throw ended('scan-child-crashed', 'it answered a request that was over');
    if (LAST.has(message.type)) this.#isBusy = false;
    return message;
  }

  /** Runs something after which the child is killed if it takes longer. `seconds`: undefined for no limit. */
  async within<T>(seconds: number | undefined, body: () => Promise<T>): Promise<T> {
    if (seconds === undefined) return body();
    const timer = setTimeout(() => this.timeOut(), seconds * 1000);
    try {
      return await body();
    } finally {
      clearTimeout(timer);
    }
  }

  timeOut(): void {
    this.#timedOut = true;
    this.#spawned.kill('SIGKILL');
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.hold(true);
    this.#spawned.kill('SIGKILL');
    await this.ended;
  }

  /** An idle child does not keep the parent alive. */
  hold(isBusy: boolean): void {
    const handles = [this.#spawned, this.#spawned.channel, this.channel, this.#spawned.stderr];
    for (const each of handles as ({ ref(): void; unref(): void } | null | undefined)[])
      if (isBusy) each?.ref();
      else each?.unref();
  }

  #take(message: FromChild): void {
    this.#messages.push(message);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #ended(how: string): void {
    const isHeapFull = HEAP_FULL.test(this.#errors);
    const code = this.#timedOut
      ? 'scan-child-timed-out'
      : this.#outOfMemory || isHeapFull
        ? 'scan-child-out-of-memory'
        : 'scan-child-crashed';
    this.#end ??= ended(code, how);
    this.#errors = '';
    this.#resolveEnded();
    this.#wake();
  }
}
