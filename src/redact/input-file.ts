import type { BigIntStats } from 'node:fs';
import { openStorage, type Reader } from '../base/bytes/storage.js';
import { DumpsieveError, reasonOf, systemCode } from '../base/runtime/errors.js';
import { close, fstat, open, stat } from '../source/file-system.js';
import { FileWatch, targetOf } from '../source/file-watch.js';
import { names } from '../source/names.js';

/** The dump: opened once, and read through its descriptor alone. */
export interface InputFile {
  reader: Reader;
  stats: BigIntStats;
  /** Throws `file-changed` (exit 2) if its content or name is another now. */
  requireUnchanged(): void;
  close(): void;
}

const failed = (code: string, message: string, hint: string, exit: 2 | 3): DumpsieveError =>
  new DumpsieveError({ code, message, hint }, exit);

/** Opens a regular file. Throws where that is not possible. */
export async function openInput(path: string | Uint8Array): Promise<InputFile> {
  const name = typeof path === 'string' ? names.fromText(path) : names.fromEntry(path);
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
    return inputFile(fd, stats, new FileWatch(fd, stats, { name, stats: found, target }));
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

function inputFile(fd: number, stats: BigIntStats, watch: FileWatch): InputFile {
  const reader = openStorage({ kind: 'file', fd, length: Number(stats.size) });
  return {
    reader: { ...reader, read: (offset, target) => orUnreadable(offset, () => reader.read(offset, target)) },
    stats,
    requireUnchanged() {
      const [change] = watch.changes();
      if (change === undefined) return;
      throw failed('file-changed', change.message, 'copy it again when nothing writes to it', 2);
    },
    close: () => close(fd),
  };
}

function orUnreadable<T>(offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = `the input cannot be read at offset ${offset} (${reasonOf(error)})`;
    const hint = 'look for a failing disk or network mount; copy the file elsewhere first';
    throw new DumpsieveError({ code: 'read-failed', message, hint, offset }, 2, error);
  }
}
