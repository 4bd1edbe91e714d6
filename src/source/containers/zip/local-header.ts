import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';
import { type Encryption, encryptionOf, extraField } from './encryption.js';

/** Local file header, data descriptor and entry of the central directory (APPNOTE.TXT, 4.3.7 to 4.3.12). */
const SIGNATURES = ['PK\x03\x04', 'PK\x07\x08', 'PK\x01\x02'].map((text) => Buffer.from(text, 'latin1'));
const LOCAL = SIGNATURES[0]!;
const LENGTH = 30;
/** Bit 3 of the flags: sizes and checksum follow the data. */
const DESCRIPTOR = 8;
const IN_ZIP64 = 0xffffffff;
const ZIP64 = 1;
/** Bytes read at once in a search: what is looked for is mostly near. */
const FIRST_WINDOW = 2 ** 8;
const WINDOW = 2 ** 20;

export interface LocalHeader {
  name: Buffer;
  method: number;
  /** Undefined: it is not encrypted. */
  encryption: Encryption | undefined;
  /** Offset of the data. */
  data: number;
  /** Undefined: they follow the data. */
  sizes: { stored: number; length: number; crc32: number } | undefined;
}

/** The local file header at an offset that ends at `to` or before, or undefined if there is none. */
export function readLocalHeader(reader: ByteReader, at: number, to: number): LocalHeader | undefined {
  const fixed = readAt(reader, at, LENGTH);
  if (fixed.length < LENGTH || !fixed.subarray(0, 4).equals(LOCAL)) return undefined;
  const [flags, method] = [fixed.readUInt16LE(6), fixed.readUInt16LE(8)];
  const [nameLength, extraLength] = [fixed.readUInt16LE(26), fixed.readUInt16LE(28)];
  if ((fixed.readUInt16LE(4) & 0xff) > 63 || method > 99) return undefined;
  // Not read if it is too long: each of many headers could say so.
  if (at + LENGTH + nameLength + extraLength > to) return undefined;
  const rest = readAt(reader, at + LENGTH, nameLength + extraLength);
  if (rest.length < nameLength + extraLength) return undefined;
  return {
    name: rest.subarray(0, nameLength),
    method,
    encryption: encryptionOf({
      flags,
      time: fixed.readUInt16LE(10),
      crc32: fixed.readUInt32LE(14),
      extra: rest.subarray(nameLength),
    }),
    data: at + LENGTH + rest.length,
    sizes: flags & DESCRIPTOR ? undefined : sizesOf(fixed, rest.subarray(nameLength)),
  };
}

function sizesOf(fixed: Buffer, extra: Buffer): LocalHeader['sizes'] {
  const crc32 = fixed.readUInt32LE(14);
  const [stored, length] = [fixed.readUInt32LE(18), fixed.readUInt32LE(22)];
  if (stored !== IN_ZIP64 && length !== IN_ZIP64) return { stored, length, crc32 };
  const both = extraField(extra, ZIP64);
  if (both === undefined || both.length < 16) return undefined;
  const [whole, packed] = [both.readBigUInt64LE(0), both.readBigUInt64LE(8)];
  if (whole > BigInt(Number.MAX_SAFE_INTEGER) || packed > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { stored: Number(packed), length: Number(whole), crc32 };
}

/** Offset of the data behind the local file header at an offset; undefined if there is none. */
export function dataBehind(reader: ByteReader, at: number): number | undefined {
  const fixed = readAt(reader, at, LENGTH);
  if (fixed.length < LENGTH || !fixed.subarray(0, 4).equals(LOCAL)) return undefined;
  const data = at + LENGTH + fixed.readUInt16LE(26) + fixed.readUInt16LE(28);
  return data > reader.length ? undefined : data;
}

/** Offset of the first local header in [from, to). */
export const nextLocalHeader = (reader: ByteReader, from: number, to: number): number | undefined =>
  find(reader, from, to, [LOCAL]);

/** Offset of the first signature of any kind in [from, to): where data of unknown length may end. */
export const nextSignature = (reader: ByteReader, from: number, to: number): number | undefined =>
  find(reader, from, to, SIGNATURES);

function find(reader: ByteReader, from: number, to: number, wanted: readonly Buffer[]): number | undefined {
  let size = FIRST_WINDOW;
  for (let at = from; at < to; ) {
    const window = readAt(reader, at, Math.min(size, to - at));
    const found = wanted.map((bytes) => window.indexOf(bytes)).filter((index) => index >= 0);
    if (found.length > 0) return at + Math.min(...found);
    if (window.length < size) return undefined;
    at += size - 3;
    size = Math.min(2 * size, WINDOW);
  }
  return undefined;
}
