import { type ByteReader, openStorage, type Storage } from '../core/base/bytes/storage.js';
import type { DumpsieveError } from '../core/base/runtime/errors.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import type { RedactOptions } from '../core/options/redact-options.js';
import { decodeAll } from '../source/decode-to-spool.js';
import { spoolAll } from '../source/file-events.js';
import { redirected } from '../source/opener.js';
import { EXPANSION, type Expansion, mostDecoded, type SpoolContext } from '../source/stored-bytes.js';
import { readStandardInput } from '../source/streams.js';
import { type CopyEncoding, encodingOf } from './encodings/encodings.js';
import { openInputFile } from './input-file.js';
import { emptyInput, failed, orUnreadable, requireNoChange, type StoredInput } from './stored-input.js';

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
