import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { DumpsieveError, systemCode } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { defineWarnings, type Warning } from '../../core/base/runtime/warnings.js';
import type { Extent, Unread } from '../../core/model/report.js';
import type { GivenSource } from '../types.js';
import { coreHead, MACHINES, type MachineLayout, type PlacedSegment } from './core-head.js';
import { type Mapping, mappingsOf, Pagemap, segmentsOf } from './segments.js';
import { ownAncestors, type ProcessStatus, statusOf, stoppedThreads, threadsOf } from './status.js';

/** Bytes that are read at once. */
const CHUNK = 2 ** 20;
/** Unreadable ranges that are listed; further ones are taken into the last. */
const MOST_UNREAD = 1_000;

/**
 * The memory of a running process as an ELF core. It is stopped when the first byte is asked for, and goes on
 * after the last. Throws for what must not be stopped, and where there is no such process. Linux.
 */
export function processSource(pid: number): GivenSource {
  const layout = requireReadable(pid);
  const name = commandName(pid);
  const copy = new ProcessCopy(pid, layout);
  return {
    name: `process ${pid} (${name.toString('latin1')})`,
    mtime: new Date(),
    bytes: copy.chunks(name),
    factsAtEnd: () => copy.factsAtEnd(),
  };
}

/** Throws unless it can be stopped and read. */
function requireReadable(pid: number): MachineLayout {
  const refused = (code: string, message: string, hint: string) =>
    new DumpsieveError({ code, message: `process ${pid}: ${message}`, hint });
  if (process.platform !== 'linux')
    throw refused(
      'pid-unsupported',
      'memory of processes is read on Linux alone',
      'take a dump of it, and scan that',
    );
  const layout = MACHINES[process.arch];
  if (layout === undefined)
    throw refused(
      'pid-unsupported',
      `its registers have no known layout on ${process.arch}`,
      'gcore -o core PID',
    );
  const status = statusOf(pid);
  if (status === undefined || status.state === 'Z' || status.state === 'X')
    throw refused('process-gone', 'there is no such process, or it has ended', 'ps -e lists those that run');
  if (ownAncestors().has(pid))
    throw refused(
      'process-refused',
      'it is this program or one of its ancestors: stopping it could block the scan',
      'gcore -o core PID',
    );
  requireAccess(pid, refused);
  return layout;
}

type Refused = (code: string, message: string, hint: string) => DumpsieveError;

function requireAccess(pid: number, refused: Refused): void {
  try {
    closeSync(openSync(`/proc/${pid}/mem`, 'r'));
    if (mappingsOf(pid).length === 0)
      throw refused(
        'process-refused',
        'it has no memory of its own: it belongs to the kernel',
        'name another one',
      );
    if (classOf(pid) === 1)
      throw refused('pid-unsupported', 'it is a 32-bit process, which is not read', 'gcore -o core PID');
  } catch (error) {
    if (error instanceof DumpsieveError) throw error;
    const code = systemCode(error) ?? 'error';
    const hint =
      'only root, and its own user if it may be traced (kernel.yama.ptrace_scope 0), reads it: try sudo';
    throw refused('process-refused', `the system does not let its memory be read (${code})`, hint);
  }
}

/** EI_CLASS of its executable: 1 for 32 bits, 2 for 64. */
function classOf(pid: number): number | undefined {
  const fd = orUndefined(() => openSync(`/proc/${pid}/exe`, 'r'));
  if (fd === undefined) return undefined;
  try {
    const head = Buffer.alloc(5);
    return readSync(fd, head, 0, 5, 0) === 5 ? head[4] : undefined;
  } finally {
    closeSync(fd);
  }
}

const commandName = (pid: number): Buffer =>
  orUndefined(() => readFileSync(`/proc/${pid}/comm`))?.subarray(0, -1) ?? Buffer.alloc(0);

/** A copy of the memory of one process. */
class ProcessCopy {
  readonly #pid: number;
  readonly #layout: MachineLayout;
  readonly #undumped: Extent[] = [];
  readonly #unread: Unread[] = [];
  readonly #warnings: Warning[] = [];
  /** Bytes yielded so far. */
  #at = 0;

  constructor(pid: number, layout: MachineLayout) {
    this.#pid = pid;
    this.#layout = layout;
  }

  /** Facts that are known once all bytes were read. */
  factsAtEnd() {
    return { unread: this.#unread, warnings: this.#warnings, undumped: this.#undumped };
  }

  async *chunks(name: Buffer): AsyncGenerator<Uint8Array> {
    const pid = this.#pid;
    const before = statusOf(pid);
    const paused = await PausedProcess.stop(pid);
    let memory: number | undefined;
    try {
      if (!paused.isAtRest) this.#warnings.push(notStopped());
      memory = openSync(`/proc/${pid}/mem`, 'r');
      const { head, placed } = this.#layOut(name);
      yield this.#given(head);
      for (const segment of placed) {
        if (segment.mapping.flags.has('dd') && segment.length > 0)
          this.#undumped.push({ offset: segment.offset, length: segment.length });
        yield* this.#segment(memory, segment);
      }
      if (!isSame(before, statusOf(pid))) this.#warnings.push(ended());
    } finally {
      paused.resume();
      if (memory !== undefined) closeSync(memory);
    }
    this.#warnings.push(registersNotRead());
  }

  #layOut(name: Buffer) {
    const pid = this.#pid;
    const mappings = mappingsOf(pid);
    const auxv = readFileSync(`/proc/${pid}/auxv`);
    const page = pageSize(auxv);
    const process = {
      ...{ pid, name, auxv, page, mappings },
      command: orUndefined(() => readFileSync(`/proc/${pid}/cmdline`)) ?? Buffer.alloc(0),
      threads: stoppedThreads(pid),
    };
    return coreHead(populated(pid, mappings, page), process, this.#layout);
  }

  *#segment(memory: number, { start, length }: PlacedSegment): Generator<Uint8Array> {
    const chunk = new Uint8Array(Math.min(CHUNK, length));
    for (let [done, most] = [0, CHUNK]; done < length; ) {
      const wanted = chunk.subarray(0, Math.min(most, length - done));
      const read = readSome(memory, wanted, start + BigInt(done));
      if (read === 0 && most > PAGE) {
        // One of its pages cannot be read: page by page, up to that one.
        most = PAGE;
        continue;
      }
      if (read === 0) this.#missed(wanted.fill(0).length);
      yield this.#given(read === 0 ? wanted : wanted.subarray(0, read));
      done += read || wanted.length;
      if (read === 0) most = CHUNK;
    }
  }

  #given(bytes: Uint8Array): Uint8Array {
    this.#at += bytes.length;
    return bytes;
  }

  #missed(length: number): void {
    const last = this.#unread.at(-1);
    const follows = last?.length != null && last.offset + last.length === this.#at;
    if (last?.length != null && (follows || this.#unread.length >= MOST_UNREAD))
      last.length = this.#at + length - last.offset;
    else
      this.#unread.push({ offset: this.#at, length, reason: 'the system did not let this memory be read' });
  }
}

/** Number of bytes read; 0 for memory that cannot be read, or of a process that has ended. */
const readSome = (memory: number, target: Uint8Array, address: bigint): number =>
  orUndefined(() => readSync(memory, target, 0, target.length, address)) ?? 0;

/** AT_PAGESZ of the auxiliary vector (include/uapi/linux/auxvec.h). */
const AT_PAGESZ = 6n;
const PAGE = 4096;

function pageSize(auxv: Buffer): number {
  for (let at = 0; at + 16 <= auxv.length; at += 16)
    if (auxv.readBigUInt64LE(at) === AT_PAGESZ) return Number(auxv.readBigUInt64LE(at + 8));
  return PAGE;
}

function populated(pid: number, mappings: readonly Mapping[], page: number) {
  const pages = new Pagemap(pid, page);
  try {
    return segmentsOf(mappings, pages);
  } finally {
    pages.close();
  }
}

const isSame = (before: ProcessStatus | undefined, after: ProcessStatus | undefined): boolean =>
  after !== undefined && after.started === before?.started && after.state !== 'Z';

const notStopped = (): Warning =>
  warnings.of('process-not-stopped', {
    message: 'the process did not stop: what it moved while it was read may be missing',
    hint: 'a thread is in uninterruptible sleep (state D in ps -L -o state): scan it again',
  });

const ended = (): Warning =>
  warnings.of('process-ended', {
    message: 'the process ended while it was read',
    hint: 'take a core when it crashes (ulimit -c unlimited), and scan that',
  });

const registersNotRead = (): Warning =>
  warnings.of('registers-not-read', {
    message: 'its memory was read, and its registers were not',
    hint: 'a core has them: gcore -o core PID',
  });

const warnings = defineWarnings({
  'process-ended': 'incomplete',
  'process-not-stopped': 'incomplete',
  // Registers hold a few words, for moments: what is asked of a process is what its memory holds.
  'registers-not-read': 'note',
});

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
class PausedProcess {
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
