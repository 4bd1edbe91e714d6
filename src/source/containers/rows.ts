/** A row for each container that is decoded or listed. What opens it is loaded when there is such a file. */

import { constants, inflateSync } from 'node:zlib';
import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { isZero } from '../../core/base/bytes/zeros.js';
import { systemCode } from '../../core/base/runtime/errors.js';
import { startsWithHeader } from './cpio/header.js';
import { readAt } from './decoding/archive-reads.js';
import {
  type ContainerRow,
  decodedLater,
  isBinary,
  listedLater,
  SKIPPABLE_FIRST,
  starts,
  text,
} from './decoding/container.js';
import { isSkippable, magicAfterSkippable } from './decoding/skippable.js';
import { isZlibHeader } from './deflate/zlib-header.js';
import { gunzip } from './gzip/gzip.js';
import { isLzma } from './lzma/lzma-header.js';
import { isMicrodump, readMicrodump } from './microdump/microdump.js';
import { BLOCK, hasMagic, isDamagedHeader, numberIn, readTarHeader } from './tar/header.js';
import { END_LENGTH, zipPlace } from './zip/end-record.js';
import { unzstd } from './zstd/zstd.js';

export const gzip: ContainerRow = {
  name: 'gzip',
  first: '\x1f',
  suffixes: { '.gz': '', '.gzip': '', '.tgz': '.tar' },
  treatment: { decode: gunzip },
  stream: 'gzip -dc',
  // Magic, deflate, no reserved flag (RFC 1952, section 2.3.1).
  probe: (head) => head.u16(0) === 0x8b1f && head.u8(2) === 8 && (head.u8(3) & 0xe0) === 0,
};

export const zstd: ContainerRow = {
  name: 'zstd',
  first: `(${SKIPPABLE_FIRST}`,
  suffixes: { '.zst': '', '.zstd': '', '.tzst': '.tar' },
  treatment: { decode: unzstd },
  stream: 'zstd -dc',
  probe: (head, reader) => {
    const magic = magicAfterSkippable(head, reader);
    return magic === 0xfd2fb528 || (isSkippable(magic) && head.length >= 8);
  },
};

/** Magic numbers of a first block, and of the end of an empty stream. */
const NEXT = ['314159265359', '177245385090'];

export const bzip2: ContainerRow = {
  name: 'bzip2',
  first: 'B',
  suffixes: { '.bz2': '', '.bz': '', '.tbz': '.tar', '.tbz2': '.tar' },
  treatment: decodedLater(async () => (await import('./bzip2/bzip2.js')).unbzip2),
  stream: 'bzip2 -dc',
  probe: (head) =>
    starts('BZh')(head) &&
    head.u8(3) >= 0x31 &&
    head.u8(3) <= 0x39 &&
    NEXT.includes(Buffer.from(head.slice(4, 6)).toString('hex')),
};

const treatment = decodedLater(async () => (await import('./lz4/lz4.js')).unlz4);

export const lz4: ContainerRow = {
  name: 'lz4',
  first: `\x04${SKIPPABLE_FIRST}`,
  suffixes: { '.lz4': '', '.tlz4': '.tar' },
  treatment,
  stream: 'lz4 -dc',
  probe: (head, reader) => magicAfterSkippable(head, reader) === 0x184d2204,
};

export const lz4Legacy: ContainerRow = {
  name: 'lz4-legacy',
  first: `\x02${SKIPPABLE_FIRST}`,
  treatment,
  stream: 'lz4 -dc',
  probe: (head, reader) => magicAfterSkippable(head, reader) === 0x184c2102,
};

export const xz: ContainerRow = {
  name: 'xz',
  first: '\xfd',
  suffixes: { '.xz': '', '.txz': '.tar' },
  treatment: decodedLater(async () => (await import('./lzma/xz.js')).unxz),
  stream: 'xz -dc',
  probe: starts('\xfd7zXZ\0'),
};

export const lzip: ContainerRow = {
  name: 'lzip',
  first: 'L',
  suffixes: { '.lz': '', '.tlz': '.tar' },
  treatment: decodedLater(async () => (await import('./lzma/lzip.js')).unlzip),
  stream: 'lzip -dc',
  probe: (head) => starts('LZIP')(head) && head.u8(4) <= 1,
};

export const lzma: ContainerRow = {
  name: 'lzma',
  suffixes: { '.lzma': '' },
  treatment: decodedLater(async () => (await import('./lzma/alone.js')).unlzma),
  stream: 'xz -dc',
  probe: isLzma,
};

/** Bytes from which on a head that can be inflated is no accident, although its data does not end there. */
const SURE = 64;
/** Bytes of content from which on a head is no accident: inflating all that it can expand to takes 2 ms. */
const MOST = 64 * 1024;

/** The two headers of a window of 32 KiB that no text begins with: default and best compression. */
const MAGIC = [0x789c, 0x78da];

/**
 * A header, which is hardly a magic, and data behind it: up to its checksum, or as long as the head. Behind
 * two headers it may be damaged.
 */
function isZlib(head: FieldReader): boolean {
  if (head.length < 8 || !isZlibHeader(head.u8(0), head.u8(1))) return false;
  if (MAGIC.includes(head.u8(0) * 256 + head.u8(1)) && isBinary(head, 2, SURE)) return true;
  const isSure = head.length >= SURE;
  try {
    inflateSync(head.bytes, {
      maxOutputLength: MOST,
      ...(isSure && { finishFlush: constants.Z_SYNC_FLUSH }),
    });
    return true;
  } catch (error) {
    return systemCode(error) === 'ERR_BUFFER_TOO_LARGE';
  }
}

export const zlib: ContainerRow = {
  name: 'zlib',
  first: '\b\x18(8HXhx',
  suffixes: { '.zz': '', '.zlib': '' },
  treatment: decodedLater(async () => (await import('./deflate/zlib.js')).unzlib),
  stream: 'zlib-flate -uncompress',
  probe: isZlib,
};

function isTar(head: FieldReader, reader: ByteReader): boolean {
  if (head.length < BLOCK) return false;
  const block = Buffer.from(head.slice(0, BLOCK));
  return readTarHeader(block) !== undefined || startsDamaged(block, reader);
}

export const tar: ContainerRow = {
  name: 'tar',
  treatment: listedLater(async () => (await import('./tar/tar.js')).listTar),
  probe: isTar,
};

export const cpio: ContainerRow = {
  name: 'cpio',
  first: '0\xc7\x71',
  treatment: listedLater(async () => (await import('./cpio/cpio.js')).listCpio),
  // Formats "newc", "crc", "odc" and "bin" (cpio(5)).
  probe: (head, reader) => startsWithHeader(Buffer.from(head.bytes), reader),
};

/** Archives of object files, and Debian packages. */
export const ar: ContainerRow = {
  name: 'ar',
  first: '!',
  treatment: listedLater(async () => (await import('./ar/ar.js')).listAr),
  probe: starts('!<arch>\n'),
};

/** Crash reports of Ubuntu: text, with the core and other files in base64. */
export const apport: ContainerRow = {
  name: 'apport',
  treatment: listedLater(async () => (await import('./apport/apport.js')).listApport),
  // Keys come in any order, but for this one, which problem_report.py writes first.
  probe: (head) =>
    starts('ProblemType:')(head) ||
    /^[A-Za-z][\w.-]*: base64\n [A-Za-z0-9+/]/.test(text(head, 0, Math.min(40, head.length))),
};

/* Archives that a library reads: their members come as a tar archive. */

export const sevenZip: ContainerRow = {
  name: '7z',
  first: '7',
  suffixes: { '.7z': '.tar' },
  treatment: {
    ...decodedLater(async () => (await import('./libarchive/libarchive.js')).sevenZipToTar()),
    withPassword: (password) =>
      decodedLater(async () => (await import('./libarchive/libarchive.js')).sevenZipToTar(password)).decode,
  },
  probe: starts("7z\xbc\xaf'\x1c"),
};

export const cab: ContainerRow = {
  name: 'cab',
  first: 'M',
  suffixes: { '.cab': '.tar' },
  treatment: decodedLater(async () => (await import('./libarchive/libarchive.js')).cabToTar),
  // Reserved fields, and the version (MS-CAB, 2.1).
  probe: (head) => starts('MSCF\0\0\0\0')(head) && head.u8(25) === 1,
};

export const microdump: ContainerRow = {
  name: 'breakpad-microdump',
  treatment: { decode: readMicrodump },
  probe: (_head, reader) => isMicrodump(reader),
};

/**
 * Local file header, or the end of an empty archive. The fields are checked too, besides the magic number.
 */
function startsAsZip(head: FieldReader): boolean {
  if (head.length < END_LENGTH) return false;
  const signature = head.u32(0);
  // End of central directory (an empty archive) and the
  // marker of a split archive: APPNOTE.TXT, 4.3.16 and 8.5.4.
  if (signature === 0x06054b50) return head.u16(8) === 0 && head.u16(10) === 0;
  const at = signature === 0x08074b50 ? 4 : 0;
  if (head.u32(at) !== 0x04034b50) return false;
  // Local file header, section 4.3.7: version needed, method and the name's length.
  const version = head.u16(at + 4) & 0xff;
  const nameLength = head.u16(at + 26);
  return version <= 63 && head.u16(at + 8) <= 99 && nameLength > 0 && nameLength <= 4096;
}

const containerTreatment = listedLater(async () => (await import('./zip/zip.js')).listZip);

export const zip: ContainerRow = { name: 'zip', treatment: containerTreatment, probe: startsAsZip };

/** An archive between other bytes: after the rows of what it may be a member of, such as tar. */
export const zipWithin: ContainerRow = {
  name: 'zip',
  treatment: containerTreatment,
  probe: (_head, reader) => zipPlace(reader) !== undefined,
};

/** Bytes in which the next header is looked for behind a first block that is zero, and behind any other. */
const BEHIND_ZEROS = 16 * 1024 * 1024;
const BEHIND_OTHERS = 64 * 1024;
/** Bytes read at once. */
const WINDOW = 1024 * 1024;
/** Headers in a row that memory with a part of an archive does not have. */
const MOST_HEADERS = 64;
/** Bytes of zeros behind an archive: what fills the largest record of GNU tar. */
const MOST_FILLING = 1024 * 1024;

/**
 * True for an archive whose first block is damaged: it has the magic or the fields of a header without the
 * right sum, or other headers follow it, up to the end.
 */
function startsDamaged(block: Buffer, reader: ByteReader): boolean {
  if (isDamagedHeader(block)) return true;
  if (reader.length % BLOCK !== 0 || reader.length < 2 * BLOCK) return false;
  const size = numberIn(block.subarray(124, 136));
  const next = size === undefined ? 0 : after(0, size);
  if (next > 0 && next < reader.length && isHeader(readAt(reader, next, BLOCK)) && leadsToEnd(reader, next))
    return true;
  const found = firstHeader(reader, isZero(block) ? BEHIND_ZEROS : BEHIND_OTHERS);
  return found !== undefined && leadsToEnd(reader, found);
}

function firstHeader(reader: ByteReader, most: number): number | undefined {
  for (let from = BLOCK; from < most; from += WINDOW) {
    const window = readAt(reader, from, Math.min(WINDOW, most - from));
    for (let at = 0; at + BLOCK <= window.length; at += BLOCK)
      if (isHeader(window.subarray(at, at + BLOCK))) return from + at;
    if (window.length < WINDOW) return undefined;
  }
  return undefined;
}

const isHeader = (block: Buffer): boolean => hasMagic(block) && readTarHeader(block) !== undefined;

/** True if headers follow one another from one on, up to the end of the archive and the file. */
function leadsToEnd(reader: ByteReader, first: number): boolean {
  let at = first;
  for (let headers = 0; headers < MOST_HEADERS; headers++) {
    const block = readAt(reader, at, BLOCK);
    if (block.length < BLOCK) return true;
    if (isZero(block))
      return reader.length - at <= MOST_FILLING && isZero(readAt(reader, at, reader.length - at));
    const header = readTarHeader(block);
    if (header?.size === undefined) return false;
    at = after(at, header.size);
  }
  return true;
}

/** Offset of the block behind a header and `size` bytes. */
const after = (at: number, size: number): number => at + BLOCK * (1 + Math.ceil(size / BLOCK));
