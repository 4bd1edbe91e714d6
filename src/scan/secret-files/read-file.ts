import { closeSync, openSync, readSync } from 'node:fs';
import { withoutByteOrderMark } from '../../core/base/bytes/utf.js';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import type { FileEntry } from './types.js';

/** Code and hint of an error about a file. */
export interface FileNotice {
  code: string;
  hint: string;
}

/** Entries named in one warning. */
const NAMED = 20;
const MiB = 2 ** 20;
/** Bytes. A baseline of 10,000 findings has 2 MB; a device would be read without end. */
const LARGEST = 64 * MiB;
const PIECE = MiB;

/** A whole file or pipe, without a byte order mark. Throws (exit 3) if it has more than `most` bytes. */
export function readFile(file: string, { code, hint }: FileNotice, most = LARGEST): Uint8Array {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const pieces: Buffer[] = [];
    for (let length = 0; length <= most; length += pieces.at(-1)!.length) {
      const piece = Buffer.allocUnsafe(PIECE);
      const count = readSync(fd, piece);
      if (count === 0) return withoutByteOrderMark(Buffer.concat(pieces));
      pieces.push(piece.subarray(0, count));
    }
  } catch (error) {
    const message = `${file} cannot be read (${reasonOf(error)})`;
    throw new DumpsieveError({ code, message, hint }, 3, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  throw new DumpsieveError({ code, message: `${file} is larger than ${most / MiB} MiB`, hint });
}

/** Labels of the entries that were not understood, never values; empty if all were. */
export function unreadIn(entries: readonly FileEntry[]): string {
  const unread = entries.filter(({ type }) => type === 'unread').map(({ label }) => label);
  const more = unread.length > NAMED ? ` and ${unread.length - NAMED} more` : '';
  return `${unread.slice(0, NAMED).join('; ')}${more}`;
}

/** What of a file was not understood, in one message or none. */
export function notUnderstood(name: string, entries: readonly FileEntry[]): string[] {
  const named = unreadIn(entries);
  return named === '' ? [] : [`${name}: not understood: ${named}`];
}
