import fs from 'node:fs';
import path from 'node:path';
import { isSameFile } from '../../core/base/runtime/draft-file.js';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { tryTo } from '../../core/base/runtime/try-to.js';
import { escapeText } from '../../core/base/text/escape.js';

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0, O_NOCTTY = 0 } = fs.constants;

const GROUP_OR_OTHERS_WRITE = 0o022;
/** Of a folder with this bit, entries are renamed and removed by their owners alone. */
const STICKY = 0o1000;
/** The folder of this process's descriptors (Linux). A name below one is looked up in that very folder. */
const DESCRIPTORS = '/proc/self/fd';

/**
 * A folder that is held open. Names are looked up through its descriptor, so that another folder that takes
 * its path is never read, and nothing is removed there.
 */
export class HeldFolder {
  readonly path: string;
  readonly #fd: number | undefined;
  readonly #base: Buffer;
  readonly stats: fs.BigIntStats;

  /** Throws (exit 3) for a folder in which a user besides the guard's may choose what a name leads to. */
  constructor(folder: string) {
    this.path = folder;
    try {
      checkPath(folder);
      // A descriptor of a folder is neither needed nor available on Windows.
      this.#fd = O_DIRECTORY === 0 ? undefined : fs.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      const own = this.#fd === undefined ? undefined : `${DESCRIPTORS}/${this.#fd}`;
      this.#base = Buffer.from(own !== undefined && fs.existsSync(own) ? own : folder);
      this.stats = fs.statSync(this.#base, { bigint: true });
      if (!this.stats.isDirectory()) throw refused(folder, 'it is no folder', 'name a folder');
      checkOwner(folder, this.stats);
    } catch (error) {
      this.close();
      if (error instanceof DumpsieveError) throw error;
      throw refused(folder, reasonOf(error), 'create it, or mend the path in the policy', error);
    }
  }

  /** Whether the path still leads to this folder. */
  isInPlace(): boolean {
    const there = orUndefined(() => fs.lstatSync(this.path, { bigint: true }));
    return there !== undefined && isSameFile(there, this.stats);
  }

  names(): Buffer[] {
    return fs.readdirSync(this.#base, { encoding: 'buffer' });
  }

  /** Undefined if the name is gone. */
  look(name: Uint8Array): fs.BigIntStats | undefined {
    return fs.lstatSync(this.#at(name), { bigint: true, throwIfNoEntry: false });
  }

  /** Opens a file for reading, without following a link (O_NOFOLLOW) or blocking on a FIFO (O_NONBLOCK). */
  open(name: Uint8Array): number {
    return fs.openSync(this.#at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  }

  remove(name: Uint8Array): void {
    fs.unlinkSync(this.#at(name));
    const fd = this.#fd;
    if (fd !== undefined) tryTo(() => fs.fsyncSync(fd));
  }

  close(): void {
    const fd = this.#fd;
    if (fd !== undefined) tryTo(() => fs.closeSync(fd));
  }

  #at(name: Uint8Array): Buffer {
    return Buffer.concat([this.#base, Buffer.from('/'), name]);
  }
}

/** A link, or a folder above that others may write to, lets them choose which folder is emptied. */
function checkPath(folder: string): void {
  const real = fs.realpathSync(folder);
  if (real !== path.resolve(folder))
    throw refused(folder, 'a link is in its path', `write the path behind it: ${escapeText(real)}`);
  if (process.getuid === undefined) return;
  for (let at = path.dirname(real); ; at = path.dirname(at)) {
    const { uid, mode } = fs.statSync(at);
    if (uid !== 0 && uid !== process.geteuid?.())
      throw refused(folder, `${escapeText(at)} belongs to another user`, 'let the guard run as that user');
    if ((mode & GROUP_OR_OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)
      throw refused(folder, `others may write to ${escapeText(at)}`, `chmod go-w ${escapeText(at)}`);
    if (at === path.dirname(at)) return;
  }
}

function checkOwner(folder: string, { uid, mode }: fs.BigIntStats): void {
  const own = process.geteuid?.();
  if (own === undefined) return;
  if (Number(uid) !== own)
    throw refused(folder, `it belongs to user ${uid}`, `let a guard of user ${uid} watch it`);
  if ((Number(mode) & GROUP_OR_OTHERS_WRITE) !== 0)
    throw refused(folder, 'others may write to it', `chmod go-w ${escapeText(folder)}, or watch another`);
}

function refused(folder: string, reason: string, hint: string, cause?: unknown): DumpsieveError {
  const message = `the folder ${escapeText(folder)} cannot be watched (${reason})`;
  return new DumpsieveError({ code: 'guard-folder-refused', message, hint }, 3, cause);
}
