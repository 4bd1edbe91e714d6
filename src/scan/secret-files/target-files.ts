import { closeSync, type Dirent, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withoutByteOrderMark } from '../../core/base/bytes/utf.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import type { FileEntry } from './keys.js';
import { LARGEST_FILE, readEntries } from './read.js';

/** Files of keys and values that options name, and folders of such files. */

export interface TargetFile {
  /** The file's name; in a folder, its path from the folder on. */
  name: string;
  entries: readonly FileEntry[];
}

export interface TargetFilesRead {
  /** At least one. */
  files: readonly TargetFile[];
  /** What was not understood, with the name of its file; never a value. */
  unread: readonly string[];
}

export interface TargetFilesSetup {
  unreadable: FileNotice;
  /** Code of the error for a file in which nothing is recognised, or a folder without a recognised file. */
  unknown: string;
  /** Passwords of encrypted keys. */
  passwords?: readonly Secret[];
}

const READABLE = [
  'a certificate or certificate request',
  'a public or private key (PEM, DER, OpenSSH, PuTTY; encrypted PEM and PKCS#8 with --find-password-file)',
  'a JWK or JWKS',
  'a Kubernetes Secret',
  'an .env file, a list of values or digests of public keys',
  'or a folder of such files',
].join(', ');

/** Caps on a folder: files that are read, and their bytes. */
const MOST = { files: 1_000, bytes: 64 * 2 ** 20, depth: 16 } as const;

/**
 * The entries of a file, or of all files below a folder. Throws (exit 3) if it cannot be read, if nothing is
 * recognised, or if no password fits an encrypted key.
 */
export async function readTargetFiles(path: string, setup: TargetFilesSetup): Promise<TargetFilesRead> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? readFolder(path, setup) : readSingle(path, setup);
}

async function readSingle(file: string, setup: TargetFilesSetup): Promise<TargetFilesRead> {
  const entries = await entriesOf(file, readFile(file, setup.unreadable, LARGEST_FILE), setup);
  if (!isRecognised(entries)) throw notRecognised(file, entries, setup);
  return { files: [{ name: basename(file), entries }], unread: notUnderstood(basename(file), entries) };
}

async function entriesOf(
  file: string,
  bytes: Uint8Array,
  { passwords }: TargetFilesSetup,
): Promise<FileEntry[]> {
  const entries = await readEntries(bytes, passwords);
  const locked = entries.find((entry) => entry.type === 'unread' && entry.isLocked);
  if (locked === undefined) return entries;
  throw new DumpsieveError({
    code: 'wrong-find-password',
    message: `${file}: no password of --find-password-file fits ${locked.label}`,
    hint: 'check the file: one password a line, without blanks around it',
  });
}

const isRecognised = (entries: readonly FileEntry[]): boolean =>
  entries.some(({ type }) => type !== 'unread');

function notRecognised(file: string, entries: readonly FileEntry[], { unknown }: TargetFilesSetup) {
  const named = unreadIn(entries);
  return new DumpsieveError({
    code: unknown,
    message: `${file} contains no recognised key or secret${named && ` (not understood: ${named})`}`,
    hint: `give ${READABLE}, of at most 16 MiB`,
  });
}

async function readFolder(folder: string, setup: TargetFilesSetup): Promise<TargetFilesRead> {
  const files: TargetFile[] = [];
  const walk = new FolderWalk(folder, setup.unreadable);
  const unread: string[] = [];
  let bytesLeft: number = MOST.bytes;
  for (const { path, name } of walk.files()) {
    const read = await readBelow(path, name, Math.min(bytesLeft, LARGEST_FILE), setup);
    if (typeof read === 'string') unread.push(`${name}: ${read}`);
    else {
      bytesLeft -= read.length;
      unread.push(...notUnderstood(name, read.entries));
      files.push({ name, entries: read.entries });
    }
  }
  unread.push(...walk.skipped);
  if (files.length === 0) throw notRecognised(folder, [], setup);
  return { files, unread };
}

/** A file of a folder, or why it is not understood. A wrong password is an error all the same. */
async function readBelow(
  path: string,
  name: string,
  most: number,
  setup: TargetFilesSetup,
): Promise<{ entries: FileEntry[]; length: number } | string> {
  let bytes: Uint8Array;
  try {
    bytes = readFile(path, setup.unreadable, most);
  } catch (error) {
    return error instanceof DumpsieveError ? error.message.replace(path, 'the file') : reasonOf(error);
  }
  const entries = await entriesOf(name, bytes, setup);
  if (isRecognised(entries)) return { entries, length: bytes.length };
  const why = unreadIn(entries);
  return why === '' ? 'no key or secret is recognised in it' : `not understood: ${why}`;
}

/** All files below a folder: those of a folder before its folders, by name; each file once. */
class FolderWalk {
  /** What was not read, and why. */
  readonly skipped: string[] = [];
  readonly #folder: string;
  readonly #unreadable: FileNotice;
  readonly #seen = new Set<string>();

  constructor(folder: string, unreadable: FileNotice) {
    this.#folder = folder;
    this.#unreadable = unreadable;
  }

  *files(): Generator<{ path: string; name: string }> {
    for (const name of this.#below('', 0)) {
      if (this.#seen.size > MOST.files) {
        this.skipped.push(`${basename(this.#folder)}: files after the first ${MOST.files} were not read`);
        return;
      }
      yield { path: join(this.#folder, name), name: join(basename(this.#folder), name) };
    }
  }

  *#below(inside: string, depth: number): Generator<string> {
    const folders: string[] = [];
    for (const entry of this.#list(inside)) {
      const name = join(inside, entry.name);
      if (entry.isDirectory()) folders.push(name);
      else if (this.#isNewFile(name)) yield name;
    }
    for (const name of folders)
      if (depth < MOST.depth) yield* this.#below(name, depth + 1);
      else this.#skip(name, `folders deeper than ${MOST.depth} were not read`);
  }

  #list(inside: string): Dirent[] {
    try {
      const entries = readdirSync(join(this.#folder, inside), { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      const { code, hint } = this.#unreadable;
      const message = `${join(this.#folder, inside)} cannot be read (${reasonOf(error)})`;
      if (inside === '') throw new DumpsieveError({ code, message, hint }, 3, error);
      this.#skip(inside, `the folder cannot be read (${reasonOf(error)})`);
      return [];
    }
  }

  /** True for a file, also behind a link: Kubernetes mounts a Secret as links. Not for linked folders. */
  #isNewFile(name: string): boolean {
    const stats = statSync(join(this.#folder, name), { throwIfNoEntry: false });
    if (stats?.isDirectory()) return false;
    if (stats?.isFile() !== true) {
      this.#skip(name, 'it is no regular file');
      return false;
    }
    const id = `${stats.dev} ${stats.ino}`;
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    return true;
  }

  #skip(name: string, why: string): void {
    this.skipped.push(`${join(basename(this.#folder), name)}: ${why}`);
  }
}

/** Code and hint of an error about a file. */
interface FileNotice {
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
function unreadIn(entries: readonly FileEntry[]): string {
  const unread = entries.filter(({ type }) => type === 'unread').map(({ label }) => label);
  const more = unread.length > NAMED ? ` and ${unread.length - NAMED} more` : '';
  return `${unread.slice(0, NAMED).join('; ')}${more}`;
}

/** What of a file was not understood, in one message or none. */
function notUnderstood(name: string, entries: readonly FileEntry[]): string[] {
  const named = unreadIn(entries);
  return named === '' ? [] : [`${name}: not understood: ${named}`];
}
