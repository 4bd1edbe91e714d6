import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';

/* Headers of cpio (cpio(5) of libarchive). */

/** Type of a file in its mode (inode(7)), and that of regular files. */
export const TYPE = 0o170000;
export const REGULAR = 0o100000;

interface HeaderFields {
  mode: number;
  /** Names of the file. */
  links: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Bytes, with its NUL. */
  nameLength: number;
  /** Bytes of content. */
  size: number;
}

export interface HeaderFormat {
  /** Bytes of the header. */
  length: number;
  /** Header and name together, and the content, end at a multiple of it. */
  align: number;
  /** The fields of a header; undefined if they are no numbers. */
  read(header: Buffer): HeaderFields | undefined;
}

/** Digits of a base: offset and number of digits of each field. */
const inDigits =
  (base: 8 | 16, fields: Readonly<Record<keyof HeaderFields, readonly [at: number, digits: number]>>) =>
  (header: Buffer): HeaderFields | undefined => {
    const digits = header.toString('latin1');
    if (!(base === 8 ? /^[0-7]+$/ : /^[0-9A-Fa-f]+$/).test(digits.slice(MAGIC))) return undefined;
    const number = ([from, count]: readonly [number, number]): number =>
      Number.parseInt(digits.slice(from, from + count), base);
    return {
      mode: number(fields.mode),
      links: number(fields.links),
      mtime: number(fields.mtime),
      nameLength: number(fields.nameLength),
      size: number(fields.size),
    };
  };

/** Words of 16 bits, in pairs with the more significant one first, as the PDP-11 has them. */
const inWords =
  (endian: 'le' | 'be') =>
  (header: Buffer): HeaderFields => {
    const word = (at: number): number =>
      endian === 'le' ? header.readUInt16LE(at) : header.readUInt16BE(at);
    const pair = (at: number): number => word(at) * 2 ** 16 + word(at + 2);
    return { mode: word(6), links: word(12), mtime: pair(16), nameLength: word(20), size: pair(22) };
  };

const NEW: HeaderFormat = {
  ...{ length: 110, align: 4 },
  read: inDigits(16, { mode: [14, 8], links: [38, 8], mtime: [46, 8], size: [54, 8], nameLength: [94, 8] }),
};
const OLD: HeaderFormat = {
  ...{ length: 76, align: 1 },
  read: inDigits(8, { mode: [18, 6], links: [36, 6], mtime: [48, 11], nameLength: [59, 6], size: [65, 11] }),
};
const binary = (endian: 'le' | 'be'): HeaderFormat => ({ length: 26, align: 2, read: inWords(endian) });

/** Bytes of the longest magic. */
export const MAGIC = 6;

/** Formats by their magic, as characters. */
const ASCII: Readonly<Record<string, HeaderFormat>> = { '070701': NEW, '070702': NEW, '070707': OLD };
const BINARY: Readonly<Record<string, HeaderFormat>> = {
  '\xc7\x71': binary('le'),
  '\x71\xc7': binary('be'),
};

/** The format of a header by its first bytes; undefined if it is none. */
export const headerFormat = (start: Buffer): HeaderFormat | undefined =>
  ASCII[start.toString('latin1', 0, MAGIC)] ?? BINARY[start.toString('latin1', 0, 2)];

/** Upper bound on characters of a header that are no digits: with more the file is a text, such as a log. */
const MOST_DAMAGED = 8;

/** FIFO, devices, folder, file, link, socket. */
const TYPES = [0o010000, 0o020000, 0o040000, 0o060000, REGULAR, 0o120000, 0o140000];
/** Longest name of a first member in an archive with binary headers. */
const MOST_NAME = 998;

/** The name of the entry at an archive's end. */
export const TRAILER = Buffer.from('TRAILER!!!\0', 'latin1');
/** Bytes at the end of an archive in which it is, by the common sizes of blocks. */
const END = 1024;

/**
 * True if bytes begin with a header. With digits some of them may be damaged; a binary one has so short a
 * magic that type and name must be right, or the archive's end be there.
 */
export function startsWithHeader(start: Buffer, reader: ByteReader): boolean {
  const format = headerFormat(start);
  if (format === undefined || start.length < format.length) return false;
  const { length } = format;
  if (format.align !== 2)
    return start.toString('latin1', MAGIC, length).replace(/[0-9A-Fa-f]/g, '').length <= MOST_DAMAGED;
  const { mode, nameLength } = format.read(start)!;
  const hasName =
    nameLength >= 2 &&
    nameLength <= MOST_NAME &&
    start.subarray(length, length + nameLength).indexOf(0) === nameLength - 1;
  if (hasName && TYPES.includes(mode & TYPE)) return true;
  return readAt(reader, Math.max(0, reader.length - END), END).includes(TRAILER);
}
