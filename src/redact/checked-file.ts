import { type ByteReader, openStorage, type Storage } from '../core/base/bytes/storage.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import { close, fstat, lstat, open } from '../source/file-system.js';
import { FileWatch } from '../source/file-watch.js';
import { names, type WalkName } from '../source/names.js';

/** A regular file that is read through one descriptor. */
export interface CheckedFile {
  reader: ByteReader;
  storage: Storage;
  /** Throws (exit 2) if its content or name is another now. */
  requireUnchanged(): void;
  close(): void;
}

function unreadable(code: string, message: string, hint: string): DumpsieveError {
  return new DumpsieveError({ code, message, hint }, 2);
}

/**
 * Opens a file to verify. No link is followed: it can lead to another file a moment later, and an upload may
 * follow it or not. Throws (exit 2) for all but regular files.
 */
export async function openChecked(name: WalkName): Promise<CheckedFile> {
  const shown = names.show(name);
  let fd: number | undefined;
  try {
    const found = await lstat(name);
    if (found.isSymbolicLink())
      throw unreadable('verify-link', `${shown} is a symbolic link`, 'name the file that it leads to');
    // Opened only now: opening a device may do something.
    if (!found.isFile())
      throw unreadable('verify-no-file', `${shown} is not a regular file`, 'name the file itself');
    fd = await open(name, false);
    const stats = await fstat(fd);
    const watch = new FileWatch(fd, stats, { name, stats: found, target: undefined });
    const opened = fd;
    const storage: Storage = { kind: 'file', fd, length: Number(stats.size) };
    const reader = openStorage(storage);
    return {
      storage,
      reader: { ...reader, read: (offset, target) => orFailed(shown, () => reader.read(offset, target)) },
      requireUnchanged() {
        const [change] = watch.changes();
        if (change === undefined) return;
        const message = `${shown}: ${change.message}`;
        throw unreadable('file-changed', message, 'verify it again when nothing writes to it');
      },
      close: () => close(opened),
    };
  } catch (error) {
    if (fd !== undefined) close(fd);
    if (error instanceof DumpsieveError) throw error;
    const hint = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
      ? 'check the path'
      : 'run as its owner or as root, or copy it first';
    throw unreadable('verify-unreadable', `${shown}: it cannot be opened (${reasonOf(error)})`, hint);
  }
}

function orFailed<T>(shown: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = `${shown}: it cannot be read (${reasonOf(error)})`;
    throw unreadable('read-failed', message, 'look for a failing disk or network mount');
  }
}

/** The whole content of a file; undefined if it is longer than `most`. */
export async function readChecked(name: WalkName, most: number): Promise<Uint8Array | undefined> {
  const file = await openChecked(name);
  try {
    if (file.reader.length > most) return undefined;
    const content = new Uint8Array(file.reader.length);
    const length = file.reader.read(0, content);
    file.requireUnchanged();
    return content.subarray(0, length);
  } finally {
    file.close();
  }
}

/** True if a name leads to nothing at all. */
export async function isMissing(name: WalkName): Promise<boolean> {
  try {
    await lstat(name);
    return false;
  } catch (error) {
    return systemCode(error) === 'ENOENT';
  }
}
