import { crc32 } from 'node:zlib';
import { type Filter, filterOf } from './filters.js';

/** Formats of the .xz file format, version 1.2.1; sections are its. */
export const MAGIC = Buffer.from('\xfd7zXZ\0', 'latin1');
const FOOTER_MAGIC = 0x5a59;
/** Bytes of Stream Header and Stream Footer (2.1). */
export const STREAM_EDGE = 12;

/** Bytes of a check by its ID (2.1.1.2). */
export const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** The check's ID in a Stream Header, or undefined if it is invalid. */
export function readStreamHeader(bytes: Uint8Array): number | undefined {
  const head = Buffer.from(bytes);
  const isValid = head.length === STREAM_EDGE && MAGIC.equals(head.subarray(0, 6));
  if (!isValid || crc32(head.subarray(6, 8)) !== head.readUInt32LE(8)) return undefined;
  const id = head.readUInt8(7);
  return head.readUInt8(6) === 0 && id < CHECK_SIZES.length ? id : undefined;
}

/** True for a Stream Footer (2.1.2) that agrees with the check and the size of the index. */
export function isStreamFooter(bytes: Uint8Array, check: number, indexSize: number): boolean {
  const foot = Buffer.from(bytes);
  return (
    crc32(foot.subarray(4, 10)) === foot.readUInt32LE(0) &&
    foot.readUInt32LE(4) === indexSize / 4 - 1 &&
    foot.readUInt8(8) === 0 &&
    foot.readUInt8(9) === check &&
    foot.readUInt16LE(10) === FOOTER_MAGIC
  );
}

interface Integer {
  value: number;
  /** Offset after it. */
  end: number;
}

/** A multibyte integer (1.2) of at most 63 bits; undefined if it is invalid or ends beyond the bytes. */
export function readInteger(bytes: Uint8Array, at: number): Integer | undefined {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i];
    if (byte === undefined || (byte === 0 && i > 0)) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

export interface BlockHeader {
  /** Bytes of the header. */
  length: number;
  /** Bytes of the block's data, if the header has it. */
  packed: number | undefined;
  /** Bytes of content, if the header has it. */
  content: number | undefined;
  /** Bytes. */
  dictionary: number;
  /** New filters after LZMA2, in the order of decoding. */
  filters: (() => Filter)[];
}

const LZMA2 = 0x21;

/** A Block Header (3.1) with its size in the first byte; undefined if it is invalid. */
export function readBlockHeader(bytes: Uint8Array): BlockHeader | undefined {
  const head = Buffer.from(bytes);
  const end = head.length - 4;
  const flags = head.readUInt8(1);
  if (crc32(head.subarray(0, end)) !== head.readUInt32LE(end) || (flags & 0x3c) !== 0) return undefined;
  const fields = head.subarray(0, end);
  let at = 2;
  const integer = (): number | undefined => {
    const read = readInteger(fields, at);
    at = read?.end ?? end;
    return read?.value;
  };
  const packed = flags & 0x40 ? integer() : undefined;
  const content = flags & 0x80 ? integer() : undefined;
  if ((flags & 0x40 && !packed) || (flags & 0x80 && content === undefined)) return undefined;
  const filters: (() => Filter)[] = [];
  let dictionary: number | undefined;
  for (let left = (flags & 3) + 1; left > 0; left--) {
    const id = integer();
    const size = integer();
    if (id === undefined || size === undefined || size > end - at) return undefined;
    const properties = fields.subarray(at, at + size);
    at += size;
    if (left === 1) dictionary = id === LZMA2 ? dictionaryOf(properties) : undefined;
    else {
      const filter = filterOf(id, properties);
      if (filter === undefined) return undefined;
      filters.unshift(filter);
    }
  }
  if (dictionary === undefined || fields.subarray(at).some((byte) => byte !== 0)) return undefined;
  return { length: head.length, packed, content, dictionary, filters };
}

/** The dictionary's size by the property of LZMA2 (5.3.1). */
function dictionaryOf(properties: Uint8Array): number | undefined {
  const [bits] = properties;
  if (properties.length !== 1 || bits === undefined || bits > 40) return undefined;
  return bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
}
