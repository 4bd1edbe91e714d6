import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { withoutByteOrderMark } from '../base/bytes/utf.js';
import { DumpsieveError, reasonOf } from '../base/runtime/errors.js';
import { LARGEST_FILE, readEntries } from './read.js';
import type { FileEntry } from './types.js';

/** Code and hint of an error about a file. */
export interface FileNotice {
  code: string;
  hint: string;
}

const READABLE = [
  'a certificate',
  'a public or private key (PEM, DER, OpenSSH, PuTTY; decrypted)',
  'a JWK or JWKS',
  'a Kubernetes Secret',
  'an .env file or digests of public keys',
].join(', ');

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
function unreadIn(entries: readonly FileEntry[]): string {
  const unread = entries.filter(({ type }) => type === 'unread').map(({ label }) => label);
  const more = unread.length > NAMED ? ` and ${unread.length - NAMED} more` : '';
  return `${unread.slice(0, NAMED).join('; ')}${more}`;
}

/** A message that names the entries of a file that were not understood; undefined if all were. */
export function notUnderstood(file: string, entries: readonly FileEntry[]): string | undefined {
  const named = unreadIn(entries);
  return named === '' ? undefined : `${basename(file)}: not understood: ${named}`;
}

/** The entries of a file. Throws (exit 3) if it cannot be read, or (`unknown`) if nothing is recognised. */
export async function readTargetFile(
  file: string,
  { unreadable, unknown }: { unreadable: FileNotice; unknown: string },
): Promise<FileEntry[]> {
  const entries = await readEntries(readFile(file, unreadable, LARGEST_FILE));
  if (entries.some(({ type }) => type !== 'unread')) return entries;
  const named = unreadIn(entries);
  throw new DumpsieveError({
    code: unknown,
    message: `${file} contains no recognised key or secret${named && ` (not understood: ${named})`}`,
    hint: `give ${READABLE}, of at most 16 MiB`,
  });
}
