import { crc32 } from 'node:zlib';
import { ArchiveReader, libarchiveWasm } from 'libarchive-wasm';
import { FieldReader, OutOfBounds } from '../../../core/base/bytes/field-reader.js';
import type { Secret } from '../../../core/base/crypto/secret.js';
import type { Warning } from '../../../core/base/runtime/warnings.js';
import { type ContainerDecoder, corrupt, reportLost, truncated, warnings } from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';

/* The directory of a cabinet ([MS-CAB], 2.1 to 2.4). The library reads files by it, and nothing else. */

const CAB_DIRECTORY_HEADER = 36;
const FOLDER = 8;
const FILE = 16;
const DATA = 8;
/** Flags of the header: a cabinet before this one, one after it, and reserved bytes in each structure. */
const PREVIOUS = 1;
const NEXT = 2;
const RESERVED = 4;

/** A file: its place in the content of a folder. */
interface CabFile {
  start: number;
  length: number;
}

/**
 * True if the files of a cabinet are all that its folders hold, in order and without gaps: otherwise some of
 * the content belongs to no file, and is not searched.
 */
function isCompleteCab(archive: Buffer): boolean {
  try {
    return allContent(new FieldReader(archive, 'le'));
  } catch (error) {
    if (error instanceof OutOfBounds) return false;
    throw error;
  }
}

function allContent(cab: FieldReader): boolean {
  const flags = cab.u16(30);
  const hasReserved = (flags & RESERVED) !== 0;
  const reserved = hasReserved ? { folder: cab.u8(38), data: cab.u8(39) } : { folder: 0, data: 0 };
  let at = hasReserved ? CAB_DIRECTORY_HEADER + 4 + cab.u16(36) : CAB_DIRECTORY_HEADER;
  // Names of a cabinet and its disk.
  for (const flag of [PREVIOUS, PREVIOUS, NEXT, NEXT]) if ((flags & flag) !== 0) at = afterText(cab, at);
  // A file of several cabinets is in none of them whole.
  if ((flags & (PREVIOUS | NEXT)) !== 0) return false;
  const folders = cab.u16(26);
  const files = filesOf(cab, folders);
  // Folders that share blocks would take their number times as long.
  let left = cab.length / DATA;
  for (let i = 0; i < folders; i++, at += FOLDER + reserved.folder) {
    const blocks = cab.u16(at + 4);
    left -= blocks;
    if (left < 0 || !areAll(files[i]!, contentOf(cab, cab.u32(at), blocks, reserved.data))) return false;
  }
  return true;
}

function afterText(cab: FieldReader, at: number): number {
  const end = cab.bytes.indexOf(0, at);
  if (end < 0) throw new OutOfBounds('an unfinished name', at);
  return end + 1;
}

/** Files by folder. Throws for one of a folder that is not there. */
function filesOf(cab: FieldReader, folders: number): CabFile[][] {
  const files = Array.from({ length: folders }, (): CabFile[] => []);
  let at = cab.u32(16);
  for (let left = cab.u16(28); left > 0; left--) {
    const folder = files[cab.u16(at + 8)];
    if (folder === undefined) throw new OutOfBounds('a file of no folder', at);
    folder.push({ start: cab.u32(at + 4), length: cab.u32(at) });
    at = afterText(cab, at + FILE);
  }
  return files;
}

/** Bytes of a folder's content: those of all its blocks. */
function contentOf(cab: FieldReader, first: number, blocks: number, reserved: number): number {
  let at = first;
  let bytes = 0;
  for (let left = blocks; left > 0; left--) {
    bytes += cab.u16(at + 6);
    at += DATA + reserved + cab.u16(at + 4);
  }
  return bytes;
}

function areAll(files: readonly CabFile[], content: number): boolean {
  let end = 0;
  for (const { start, length } of files.toSorted((a, b) => a.start - b.start)) {
    if (start !== end) return false;
    end += length;
  }
  return end === content;
}

/** Longest archive that is read: the library has all of it in memory. */
const MOST_STORED = 256 * 1024 * 1024;
/** Bytes of content at once. */
const CHUNK = 1024 * 1024;
const PIECE = 256 * 1024;

/** What an archive's own header says of the whole: the library ends alike after an error and at the end. */
interface Stated {
  /** Bytes of the archive. */
  length: number;
  /** Files and folders; at least as many where only that is known. */
  entries: number;
  isExact: boolean;
}

/** A format that the library reads. */
interface Format {
  statedIn(head: Buffer): Stated;
  /** True if its directory has all content. */
  isComplete?(archive: Buffer): boolean;
  /** The archive as the library can read it, and a warning for what it cannot read. */
  prepare?(archive: Buffer): Promise<{ archive: Buffer; warning?: Warning }>;
}

type Prepare = NonNullable<Format['prepare']>;

const statedBySevenZip = (head: Buffer): Stated => {
  const [offset, size] = [Number(head.readBigUInt64LE(12)), Number(head.readBigUInt64LE(20))];
  return { length: 32 + offset + size, entries: size > 0 ? 1 : 0, isExact: false };
};

/**
 * Members of a 7z archive, as a tar archive. Its header is at the end, and has a CRC-32 (7zFormat.txt). With
 * a password it is decrypted if it is encrypted.
 */
export const sevenZipToTar = (password?: Secret): ContainerDecoder =>
  toTar({
    statedIn: statedBySevenZip,
    prepare: (archive) => decrypted(archive, password),
    // The library takes a header of no bytes for an empty archive, whatever its checksum is.
    isComplete: (archive) => crc32(archive.subarray(12, 32)) === archive.readUInt32LE(8),
  });

/** Members of a cabinet, as a tar archive ([MS-CAB], 2.1). */
export const cabToTar = toTar({
  statedIn: (head) => ({ length: head.readUInt32LE(8), entries: head.readUInt16LE(28), isExact: true }),
  isComplete: isCompleteCab,
});

async function decrypted(archive: Buffer, password: Secret | undefined): ReturnType<Prepare> {
  const { decryptSevenZip } = await import('../seven-zip/decrypt.js');
  const plain = await decryptSevenZip(archive, password);
  if (typeof plain !== 'string') return { archive: plain, warning: encrypted(DAMAGED, UNPACK) };
  const warning = WARNINGS[plain]?.();
  return { archive, ...(warning && { warning }) };
}

/** Without a password, members that are not encrypted are read all the same. */
const WARNINGS: Readonly<Record<string, () => Warning>> = {
  'no password': () => encrypted('what comes from there on was not searched', WITHOUT),
  'other password': () => encrypted('the password does not fit', UNPACK),
};

/** Bytes that the headers of both formats have at least. */
const HEADER = 36;

function toTar({ statedIn, prepare, isComplete }: Format): ContainerDecoder {
  return async function* (input, report) {
    const read = readAll(input);
    if (read === undefined) return reportLost(report, tooLong());
    const { archive: stored, warning } = (await prepare?.(read)) ?? { archive: read };
    const stated = stored.length < HEADER ? undefined : statedIn(stored);
    let reader: ArchiveReader | undefined;
    try {
      const bytes = new Int8Array(stored.buffer, stored.byteOffset, stored.length);
      reader = new ArchiveReader(await libarchiveWasm(), bytes);
      const entries = yield* members(reader);
      yield tarEnd();
      if (stated === undefined || stated.length > stored.length)
        return reportLost(report, truncated('archive', stored.length));
      const hasAll = stated.isExact ? entries === stated.entries : entries >= stated.entries;
      if (hasAll && isComplete?.(read) !== false) return;
    } catch {
      // The library's messages may quote the archive.
    }
    const isEncrypted = reader?.hasEncryptedData() === true;
    reportLost(report, warning ?? (isEncrypted ? encrypted(UNKNOWN, UNPACK) : corrupt('archive', 0)));
  };
}

function readAll(input: DecoderInput): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let piece = input.peek(PIECE); piece.length > 0; piece = input.peek(PIECE)) {
    if (input.offset + piece.length > MOST_STORED) return undefined;
    pieces.push(Buffer.from(piece));
    input.skip(piece.length);
  }
  return Buffer.concat(pieces);
}

/** Yields the files in turn, each behind its headers; returns the number of entries. Throws on damage. */
async function* members(reader: ArchiveReader): AsyncGenerator<Uint8Array, number> {
  const { libarchive, archive } = reader;
  const memory = libarchive.module._malloc(CHUNK);
  let entries = 0;
  for (let entry = reader.nextEntryPointer(); entry !== 0; entry = reader.nextEntryPointer()) {
    entries++;
    if (reader.getEntryFiletype(entry) !== 'File') continue;
    // The library's 32 bits of the size.
    const size = reader.getEntrySize(entry) >>> 0;
    const name = Buffer.from(reader.getEntryPathname(entry) ?? '');
    yield tarHeaders(name, size, reader.getEntryModificationTime(entry) / 1000);
    for (let left = size; left > 0; ) {
      const count = libarchive.read_data(archive, memory, Math.min(CHUNK, left));
      if (count === 0) throw new Error('a member ends early');
      yield Uint8Array.from(new Uint8Array(libarchive.module.HEAP8.buffer, memory, count));
      left -= count;
    }
    if (libarchive.read_data(archive, memory, 1) > 0) throw new Error('a member is longer than it says');
    yield tarPadding(size);
  }
  return entries;
}

const tooLong = () =>
  warnings.of('container-window', {
    message: `the archive is longer than ${MOST_STORED / 2 ** 20} MiB: it was not unpacked`,
    hint: 'unpack it: 7z x FILE, and scan the folder',
  });

const UNKNOWN = 'by a method that is not decrypted';
const DAMAGED = 'what it decrypts to is damaged, or the password does not fit';
const UNPACK = 'unpack it with its password, and scan the folder';
const WITHOUT = 'give its password by --archive-password-file, or unpack it and scan the folder';

const encrypted = (why: string, hint: string): Warning =>
  warnings.of('member-encrypted', { message: `the archive is encrypted: ${why}`, hint });

const BLOCK = 512;
/** Longest name and greatest size that a header has room for. */
const MOST_NAME = 100;
const MOST_SIZE = 0o77777777777;

/** Headers of a file; its content and {@link tarPadding} follow. `mtime` in seconds. */
function tarHeaders(name: Buffer, size: number, mtime: number): Buffer {
  const records = [
    ...(name.length > MOST_NAME ? [record('path', name)] : []),
    ...(size > MOST_SIZE ? [record('size', Buffer.from(String(size)))] : []),
  ];
  const own = header(name.subarray(0, MOST_NAME), size > MOST_SIZE ? 0 : size, mtime, '0');
  if (records.length === 0) return own;
  const pax = Buffer.concat(records);
  return Buffer.concat([
    header(Buffer.from('pax'), pax.length, mtime, 'x'),
    pax,
    tarPadding(pax.length),
    own,
  ]);
}

/** What fills the last block of a content. */
const tarPadding = (size: number): Buffer => Buffer.alloc(-size & (BLOCK - 1));

const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK);

function header(name: Buffer, size: number, mtime: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block);
  block.write('0000600\x000000000\x000000000\x00', 100, 'latin1');
  block.write(
    `${octal(size)}\0${octal(Math.min(Math.max(0, mtime), MOST_SIZE))}\0        ${type}`,
    124,
    'latin1',
  );
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

const octal = (value: number): string => Math.floor(value).toString(8).padStart(11, '0');

/** `length key=value\n`, where the length counts its own digits. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
