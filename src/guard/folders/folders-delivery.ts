import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { tryTo } from '../../core/base/runtime/try-to.js';

/** What is known of a file of a watched folder, when it is sealed. */
export interface OriginalFile {
  stats: fs.BigIntStats;
  /** The watched folder. */
  folder: string;
  /** Path of the file, as it is shown. */
  path: string;
}

const NEW = fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL;
const PRIVATE = 0o600;
const DRAFT = '.draft';
const INFO_DRAFT = '.info.draft';
const MARK = '.sealed';

const digest = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

/**
 * Puts sealed files into the spool, each once. A mark says that a file is in the spool or beyond, until its
 * original is removed. If a killed guard has left a draft, the file is sealed again, whether there is a mark
 * or not. If it has left a mark alone, it is not.
 */
export class Delivery {
  readonly #folder: string;
  readonly #spool: string;
  readonly #recipients: string;

  constructor(watched: string, { state, recipients }: { state: string; recipients: string }) {
    this.#folder = path.join(state, 'watched', digest(watched, 16));
    this.#spool = path.join(state, 'spool');
    this.#recipients = recipients;
    for (const folder of [this.#folder, this.#spool]) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of fs.readdirSync(this.#folder)) if (name.endsWith(DRAFT)) this.#forgetDraft(name);
  }

  /** Whether a file is in the spool, or was. */
  isDelivered = (id: string): boolean => fs.existsSync(this.#own(id, MARK));

  /** Seals what a descriptor reads. `isUnchanged` is asked when all is read: if not, nothing is left. */
  async deliver(
    id: string,
    fd: number,
    original: OriginalFile,
    isUnchanged: () => Promise<boolean>,
    signal?: AbortSignal,
  ): Promise<'delivered' | 'changed' | 'failed'> {
    const draft = this.#own(id, DRAFT);
    const infoDraft = this.#own(id, INFO_DRAFT);
    try {
      if (!(await this.#seal(draft, fd, signal))) return (await isUnchanged()) ? 'failed' : 'changed';
      if (!(await isUnchanged())) return 'changed';
      if (!(await this.#seal(infoDraft, infoOf(original), signal))) return 'failed';
      fs.renameSync(infoDraft, path.join(this.#spool, `${id}.info.age`));
      fs.closeSync(fs.openSync(this.#own(id, MARK), NEW, PRIVATE));
      syncFolder(this.#folder);
      fs.renameSync(draft, path.join(this.#spool, `${id}.age`));
      syncFolder(this.#spool);
      syncFolder(this.#folder);
      return 'delivered';
    } finally {
      for (const name of [draft, infoDraft]) fs.rmSync(name, { force: true });
    }
  }

  forget(id: string): void {
    fs.rmSync(this.#own(id, MARK), { force: true });
  }

  /** Forgets all files but these: they are gone, or have changed. */
  forgetOthers(ids: ReadonlySet<string>): void {
    for (const name of fs.readdirSync(this.#folder)) {
      const id = name.slice(0, -MARK.length);
      if (name.endsWith(MARK) && !ids.has(id)) this.forget(id);
    }
  }

  #own(id: string, ending: string): string {
    return path.join(this.#folder, `${id}${ending}`);
  }

  #forgetDraft(name: string): void {
    // The mark goes first: a mark alone means that the file is in the spool.
    this.forget(name.slice(0, -DRAFT.length));
    syncFolder(this.#folder);
    fs.rmSync(path.join(this.#folder, name));
  }

  async #seal(draft: string, from: number | string, signal: AbortSignal | undefined): Promise<boolean> {
    const to = fs.openSync(draft, NEW, PRIVATE);
    try {
      const isSealed = await seal({ from, to, recipients: this.#recipients, ...(signal && { signal }) });
      if (isSealed) fs.fsyncSync(to);
      return isSealed;
    } finally {
      fs.closeSync(to);
    }
  }
}

const LATEST = 999_999_999_999n;
const LONGEST_NUMBER = 10_000_000_000n;

/**
 * The id of a sealed file: as of a crash, but for boot and process, which are not known. The same state of a
 * file has the same id; another one has another.
 */
export function idOf({ stats, path: name }: OriginalFile): string {
  const { ino, size, mtimeNs, ctimeNs, uid } = stats;
  const seconds = mtimeNs / 1_000_000_000n;
  const time = seconds < 0n ? 0n : seconds > LATEST ? LATEST : seconds;
  const state = digest([ino, size, mtimeNs, ctimeNs].join(' '), 8);
  return `${time}-${state}-${ino % LONGEST_NUMBER}-${digest(`${uid}\0${name}`, 16)}`;
}

const CONTROL = /\p{Cc}/gu;

/** What is sealed beside a dump: a hint for people and policy. */
function infoOf({ stats, folder, path: name }: OriginalFile): string {
  const fields = {
    version: 1,
    time: stats.mtimeNs / 1_000_000_000n,
    uid: stats.uid,
    gid: stats.gid,
    source: folder,
    path: name,
  };
  const lines = Object.entries(fields).map(
    ([key, value]) => `${key}: ${String(value).replace(CONTROL, '?')}`,
  );
  return `${lines.join('\n')}\n`;
}

function syncFolder(folder: string): void {
  // Windows has no descriptor of a folder.
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Sealing is `zstd -1 | age -R RECIPIENTS`, as the handler does it: children read and write descriptors. */

/** A pipeline has the status of its last command: that of zstd comes through a descriptor of its own. */
const SEAL = '{ zstd -q -1 -c <&4 || echo "$?" >&3; } | age -R "$1" 3>&- >&5';
const SEAL_TEXT = 'age -R "$1" 3>&- >&5';

/** Status of a shell that does not find a program. */
const NOT_FOUND = 127;

interface Sealing {
  /** Descriptor of what is sealed, or a text. */
  from: number | string;
  /** Descriptor of the new file. */
  to: number;
  /** File of age recipients. */
  recipients: string;
  signal?: AbortSignal;
}

/** Seals a file, which is read from the offset of its descriptor on, or a text. False: it failed. */
async function seal({ from, to, recipients, signal }: Sealing): Promise<boolean> {
  const isText = typeof from === 'string';
  const child = spawn('/bin/sh', ['-c', isText ? SEAL_TEXT : SEAL, 'sh', recipients], {
    // Nothing of the guard's environment but where programs are.
    env: { PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    stdio: [isText ? 'pipe' : 'ignore', 'ignore', 'ignore', 'pipe', isText ? 'ignore' : from, to],
    // A session of its own: all of the pipeline can be killed.
    detached: true,
  });
  const stop = (): void => killAll(child);
  signal?.addEventListener('abort', stop);
  let failure = '';
  child.stdio[3]?.on('data', (part: Buffer) => {
    failure += part.toString('latin1');
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(from);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (status === NOT_FOUND || failure.startsWith(String(NOT_FOUND))) throw missing('not found');
    return status === 0 && failure === '';
  } catch (error) {
    if (error instanceof DumpsieveError || signal?.aborted) throw error;
    throw missing(reasonOf(error), error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function killAll({ pid }: ChildProcess): void {
  if (pid !== undefined) tryTo(() => process.kill(-pid, 'SIGKILL'));
}

const missing = (reason: string, cause?: unknown): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'guard-program-missing',
      message: `sh, age or zstd could not be started (${reason})`,
      hint: 'install age and zstd; dumpsieve guard check says what is missing',
    },
    2,
    cause,
  );
