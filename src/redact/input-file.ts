import type { BigIntStats } from 'node:fs';
import { openStorage, type Reader, type Storage } from '../base/bytes/storage.js';
import { definedFields } from '../base/runtime/defined.js';
import { DumpsieveError, reasonOf, systemCode } from '../base/runtime/errors.js';
import { tryTo } from '../base/runtime/try-to.js';
import { close, fstat, open, openDirect, stat } from '../source/file-system.js';
import { FileWatch, targetOf } from '../source/file-watch.js';
import { nameOf, names } from '../source/names.js';

/** The dump: opened once, and read through its descriptor alone. */
export interface InputFile {
  reader: Reader;
  /** The same bytes, for any thread. */
  storage: Storage;
  stats: BigIntStats;
  /** Throws `file-changed` (exit 2) if its content or name is another now. */
  requireUnchanged(): void;
  close(): void;
}

const failed = (code: string, message: string, hint: string, exit: 2 | 3): DumpsieveError =>
  new DumpsieveError({ code, message, hint }, exit);

/** Opens a regular file. Throws where that is not possible. */
export async function openInput(path: string | Uint8Array): Promise<InputFile> {
  const name = nameOf(path);
  const shown = names.show(name);
  let fd: number | undefined;
  try {
    const found = await stat(name);
    const target = targetOf(name);
    fd = await open(name, true);
    const stats = await fstat(fd);
    if (!stats.isFile())
      throw failed('input-no-file', `${shown}: not a regular file`, 'name the file of one dump', 3);
    if (stats.size === 0n)
      throw failed(
        'empty-input',
        `${shown}: the file is empty`,
        'the dump may have failed: take it again',
        2,
      );
    return await inputFile(fd, stats, new FileWatch(fd, stats, { name, stats: found, target }));
  } catch (error) {
    if (fd !== undefined) close(fd);
    if (error instanceof DumpsieveError) throw error;
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
    const hint = isMissing ? 'check the path' : 'run as its owner or as root, or copy it first';
    throw failed(
      'input-unreadable',
      `${shown}: it cannot be opened (${reasonOf(error)})`,
      hint,
      isMissing ? 3 : 2,
    );
  }
}

async function inputFile(fd: number, stats: BigIntStats, watch: FileWatch): Promise<InputFile> {
  const direct = await openDirect(fd, stats);
  const storage: Storage = { kind: 'file', fd, length: Number(stats.size), ...definedFields({ direct }) };
  return {
    reader: readable(openStorage(storage)),
    storage,
    stats,
    requireUnchanged() {
      const [change] = orUnreadable(0, () => watch.changes());
      if (change === undefined) return;
      throw failed('file-changed', change.message, 'copy it again when nothing writes to it', 2);
    },
    close() {
      for (const each of [fd, direct]) if (each !== undefined) tryTo(() => close(each));
    },
  };
}

/** A reader of the input: what it cannot read ends the copy (exit 2). */
export const readable = (reader: Reader): Reader => ({
  ...reader,
  length: reader.length,
  read: (offset, target) => orUnreadable(offset, () => reader.read(offset, target)),
});

function orUnreadable<T>(offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = `the input cannot be read at offset ${offset} (${reasonOf(error)})`;
    const hint = 'look for a failing disk or network mount; copy the file elsewhere first';
    throw new DumpsieveError({ code: 'read-failed', message, hint, offset }, 2, error);
  }
}
