import type { BigIntStats } from 'node:fs';
import { type ByteReader, openStorage, type Storage } from '../core/base/bytes/storage.js';
import { definedFields } from '../core/base/runtime/defined.js';
import type { FileId } from '../core/base/runtime/draft-file.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import { tryTo } from '../core/base/runtime/try-to.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import type { RedactOptions } from '../core/options/check-options.js';
import { decodeAll } from '../source/decode-to-spool.js';
import { spoolAll } from '../source/file-events.js';
import { close, fstat, lstat, open, openDirect, stat } from '../source/file-system.js';
import { FileWatch, targetOf } from '../source/file-watch.js';
import { nameOf, names } from '../source/names.js';
import { redirected } from '../source/opener.js';
import { EXPANSION, type Expansion, mostDecoded, type SpoolContext } from '../source/stored-bytes.js';
import { readStandardInput } from '../source/streams.js';
import { type CopyEncoding, encodingOf } from './encodings/encodings.js';

/** Name of standard input in messages. */
const SHOWN = '-';

/**
 * Reads standard input, or the stream given, into a spool. Throws (exit 2) if it breaks off, or nothing
 * arrives.
 */
async function openStandardInput(
  stdin: NodeJS.ReadableStream | undefined,
  context: SpoolContext,
): Promise<StoredInput> {
  const isOwn = stdin === undefined || stdin === process.stdin;
  const file = isOwn ? redirected() : undefined;
  const chunks = readStandardInput(stdin, context.signal);
  const { storage, lease, warnings } = await spoolAll(SHOWN, chunks, context);
  const close = lease.acquire();
  const [warning] = warnings;
  if (warning === undefined && storage.length > 0)
    return {
      ...{ shown: SHOWN, storage, close },
      ...{ file: file?.stats, mtime: undefined },
      requireUnchanged: () => file && requireNoChange(file.watch),
    };
  close();
  if (warning !== undefined) throw failed(warning.code, warning.message, warning.hint ?? '', 2);
  const hint = 'the command before the pipe may have failed (bash: set -o pipefail)';
  throw failed('empty-input', `${SHOWN}: nothing arrived`, hint, 2);
}

/** The dump, decoded. */
export interface RedactInput extends Omit<StoredInput, 'shown'> {
  reader: ByteReader;
  /** The bytes of `reader`, for any thread. */
  storage: Storage;
  /** How the dump is compressed, as its copy will be. */
  encoding: CopyEncoding | undefined;
  /** The bytes as they are stored. */
  stored: ByteReader;
}

interface InputOptions extends Pick<RedactOptions, 'input' | 'stdin'> {
  /** The name may be a link. Default true. */
  follow?: boolean;
}

/**
 * Opens an input, once, and decodes it into a sealed spool if it is compressed. `expansion`: as far as a scan
 * decodes; tests narrow it.
 */
export async function openInput(
  { input, stdin, follow = true }: InputOptions,
  context: SpoolContext,
  expansion: Expansion = EXPANSION,
): Promise<RedactInput> {
  const stored = await (input === '-' ? openStandardInput(stdin, context) : openInputFile(input, follow));
  try {
    return await decoded(stored, context, expansion);
  } catch (error) {
    stored.close();
    throw error;
  }
}

async function decoded(
  { shown, ...stored }: StoredInput,
  context: SpoolContext,
  expansion: Expansion,
): Promise<RedactInput> {
  const { storage } = stored;
  const reader = readable(openStorage(storage));
  const encoding = encodingOf(reader);
  if (encoding === undefined) return { ...stored, reader, encoding, stored: reader };
  const limit = mostDecoded(storage.length, expansion);
  const { spool, report } = await decodeAll({ path: shown, storage }, encoding.decode, context, limit);
  try {
    const [warning] = report.warnings;
    if (warning !== undefined) throw notDecoded(shown, warning);
    if (spool.length === 0) throw emptyInput(shown);
    const content = spool.storage();
    return {
      ...stored,
      storage: content,
      reader: readable(openStorage(content)),
      encoding,
      stored: reader,
      close() {
        spool.close();
        stored.close();
      },
    };
  } catch (error) {
    spool.close();
    throw error;
  }
}

/** Hints of warnings whose own ones are of a search. */
const HINTS: Readonly<Record<string, string>> = {
  'container-corrupt': 'the file is damaged: get a good copy of it',
  'container-expands-too-far': 'a decompression bomb, or one byte repeated: decode it, and copy its content',
  'container-trailing-data': 'cut off what follows the compressed data, or decode it and copy its content',
  'container-truncated': 'the file was cut short: get a whole copy of it',
  'zstd-dictionary': 'decode it with its dictionary, and copy its content',
  'zstd-too-slow': 'run dumpsieve on Node 22.15 or newer, or decode it and copy its content',
  'zstd-window': 'decode it with zstd -dc --long=31, and copy its content',
};

/** A copy is made of whole dumps alone. */
const notDecoded = (shown: string, { code, message, hint = '' }: Warning): DumpsieveError =>
  failed(code, `${shown}: not all of it was decoded: ${message}`, HINTS[code] ?? hint, 2);

/** A reader of the input: what it cannot read ends the copy (exit 2). */
export const readable = (reader: ByteReader): ByteReader => ({
  ...reader,
  length: reader.length,
  read: (offset, target) => orUnreadable(offset, () => reader.read(offset, target)),
});

/** Opens a regular file, once. Throws where that is not possible. `follow`: its name may be a link. */
async function openInputFile(path: string | Uint8Array, follow: boolean): Promise<StoredInput> {
  const name = nameOf(path);
  const shown = names.show(name);
  let fd: number | undefined;
  try {
    const found = await (follow ? stat : lstat)(name);
    const target = follow ? targetOf(name) : undefined;
    fd = await open(name, follow);
    const stats = await fstat(fd);
    if (!stats.isFile())
      throw failed(
        'input-no-file',
        `${shown}: not a regular file`,
        'name the file of one dump, or pipe it: … | dumpsieve redact - -o COPY',
        3,
      );
    if (stats.size === 0n) throw emptyInput(shown);
    return await inputFile(shown, fd, stats, new FileWatch(fd, stats, { name, stats: found, target }));
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

async function inputFile(
  shown: string,
  fd: number,
  stats: BigIntStats,
  watch: FileWatch,
): Promise<StoredInput> {
  const direct = await openDirect(fd, stats);
  return {
    shown,
    storage: { kind: 'file', fd, length: Number(stats.size), ...definedFields({ direct }) },
    file: stats,
    mtime: stats.mtime,
    requireUnchanged: () => requireNoChange(watch),
    close() {
      for (const each of [fd, direct]) if (each !== undefined) tryTo(() => close(each));
    },
  };
}

/** The bytes of an input as they are stored: read through one descriptor, or spooled. */
interface StoredInput {
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

const failed = (code: string, message: string, hint: string, exit: 2 | 3): DumpsieveError =>
  new DumpsieveError({ code, message, hint }, exit);

const emptyInput = (shown: string): DumpsieveError =>
  failed('empty-input', `${shown}: the file is empty`, 'the dump may have failed: take it again', 2);

function requireNoChange(watch: FileWatch): void {
  const [change] = orUnreadable(0, () => watch.changes());
  if (change === undefined) return;
  throw failed('file-changed', change.message, 'copy it again when nothing writes to it', 2);
}

/** Calls a function that reads of the input: its failure ends the copy (exit 2). */
function orUnreadable<T>(offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = `the input cannot be read at offset ${offset} (${reasonOf(error)})`;
    const hint = 'look for a failing disk or network mount; copy the file elsewhere first';
    throw new DumpsieveError({ code: 'read-failed', message, hint, offset }, 2, error);
  }
}
