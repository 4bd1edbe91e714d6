import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { MOST_MEMBERS, MOST_NAMES } from '../decoding/member.js';
import { type Encryption, encryptionOf } from './encryption.js';

/** A file by the central directory. */
export interface DirectoryEntry {
  name: Uint8Array;
  mtime: Date;
  method: number;
  crc32: number;
  /** Undefined: it is not encrypted. */
  encryption: Encryption | undefined;
  /** Bytes as stored and decoded. */
  stored: number;
  length: number;
  /** Offset of the local file header. */
  header: number;
}

/** Positional reads for yauzl, at once. */
class SyncReader extends RandomAccessReader {
  readonly #reader: ByteReader;

  constructor(reader: ByteReader) {
    super();
    this.#reader = reader;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, count?: number) => void,
  ): void {
    let outcome: [Error | null, number?];
    try {
      const bytes = buffer.subarray(offset, offset + length);
      const count = this.#reader.read(position, bytes);
      outcome = count < length ? [new Error('the archive ends early')] : [null, count];
    } catch (error) {
      outcome = [error as Error];
    }
    callback(...outcome);
  }
}

/** The entries of the central directory, as far as it can be read, and whether that is all of it. */
export async function readDirectory(
  reader: ByteReader,
): Promise<{ entries: DirectoryEntry[]; isWhole: boolean }> {
  const entries: DirectoryEntry[] = [];
  let file: ZipFile;
  try {
    file = await fromRandomAccessReaderPromise(new SyncReader(reader), reader.length, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: false,
    });
  } catch {
    return { entries, isWhole: false };
  }
  let names = 0;
  try {
    for (let next = await nextEntry(file); next; next = await nextEntry(file)) {
      names += next.fileNameRaw.length;
      if (entries.length >= MOST_MEMBERS || names > MOST_NAMES) return { entries, isWhole: false };
      entries.push(fieldsOf(next));
    }
    return { entries, isWhole: true };
  } catch {
    return { entries, isWhole: false };
  }
}

/** The next entry; undefined at the end. */
function nextEntry(file: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      file.removeAllListeners();
      end();
    };
    file.once('entry', (entry: Entry) => settle(() => resolve(entry)));
    file.once('end', () => settle(() => resolve(undefined)));
    file.once('error', (error: Error) => settle(() => reject(error)));
    file.readEntry();
  });
}

const fieldsOf = (entry: Entry): DirectoryEntry => ({
  // A copy: it is part of a buffer with the other fields.
  name: Uint8Array.from(entry.fileNameRaw),
  mtime: entry.getLastModDate(),
  method: entry.compressionMethod,
  crc32: entry.crc32,
  encryption: encryptionOf({
    flags: entry.generalPurposeBitFlag,
    time: entry.lastModFileTime,
    crc32: entry.crc32,
    extra: entry.extraFieldRaw,
  }),
  stored: entry.compressedSize,
  length: entry.uncompressedSize,
  header: entry.relativeOffsetOfLocalHeader,
});
