import type { Storage } from '../core/base/bytes/storage.js';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';
import type { FileId } from '../core/base/runtime/own-files.js';
import type { FileWatch } from '../source/file-watch.js';

/** The bytes of an input as they are stored: read through one descriptor, or spooled. */
export interface StoredInput {
  /** Its name. */
  shown: string;
  storage: Storage;
  /** The file that it is; undefined for a pipe. */
  file: FileId | undefined;
  mtime: Date | undefined;
  /** Throws `file-changed` (exit 2) if its content or name is another now. */
  requireUnchanged(): void;
  close(): void;
}

export const failed = (code: string, message: string, hint: string, exit: 2 | 3): DumpsieveError =>
  new DumpsieveError({ code, message, hint }, exit);

export const emptyInput = (shown: string): DumpsieveError =>
  failed('empty-input', `${shown}: the file is empty`, 'the dump may have failed: take it again', 2);

export function requireNoChange(watch: FileWatch): void {
  const [change] = orUnreadable(0, () => watch.changes());
  if (change === undefined) return;
  throw failed('file-changed', change.message, 'copy it again when nothing writes to it', 2);
}

/** Calls a function that reads of the input: its failure ends the copy (exit 2). */
export function orUnreadable<T>(offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = `the input cannot be read at offset ${offset} (${reasonOf(error)})`;
    const hint = 'look for a failing disk or network mount; copy the file elsewhere first';
    throw new DumpsieveError({ code: 'read-failed', message, hint, offset }, 2, error);
  }
}
