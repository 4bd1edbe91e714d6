import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readBytes } from '../../memory/read.js';
import { decodeText } from '../../memory/text.js';

/**
 * Identifier of an object, class or name: a number if exact, else a bigint, so that it is a valid key of a
 * Map.
 */
export type Id = number | bigint;

/** Called with a buffer, the bounds of a record's body in it, and the file offset of the buffer. */
export type BufferedRecord = (bytes: Uint8Array, body: number, end: number, base: number) => void;

/** Bytes read at once. Sequential reads grow to the maximum; after a skip they start with the minimum. */
const MAX_READ = 256 * 1024;
const MIN_READ = 4 * 1024;
/** Size of a record's tag, time and length, in bytes. */
export const RECORD_HEAD = 9;
/** The longest name read, in bytes. */
const MAX_NAME = 1024;

/**
 * Big-endian fields by file offset, through one buffer. Sequential access is cheap; skipped bytes are not
 * read. Fields may be read only after {@link HprofFile.has} returned true for their bytes.
 */
export class HprofFile {
  readonly reader: ByteReader;
  readonly header: HprofHeader;
  readonly length: number;
  readonly #buffer = Buffer.allocUnsafe(MAX_READ);
  #base = 0;
  #end = 0;
  #ahead = MIN_READ;

  constructor(reader: ByteReader, header: HprofHeader) {
    this.reader = reader;
    this.header = header;
    this.length = reader.length;
  }

  /** Buffers `count` bytes (at most 256 KiB) from `offset`; false if the file has fewer. */
  has(offset: number, count: number): boolean {
    return (offset >= this.#base && offset + count <= this.#end) || this.#fetch(offset, count);
  }

  #fetch(offset: number, count: number): boolean {
    if (offset < 0 || count > MAX_READ || offset + count > this.length) return false;
    const sequential = offset >= this.#base && offset <= this.#end;
    this.#ahead = sequential ? Math.min(MAX_READ, 4 * this.#ahead) : MIN_READ;
    this.#base = offset;
    this.#end = offset + this.reader.read(offset, this.#buffer.subarray(0, Math.max(count, this.#ahead)));
    return offset + count <= this.#end;
  }

  /**
   * Skips consecutive records with this tag (u1 tag, u4 time, u4 length of the body) that are buffered and
   * start before `until`. Returns the offset of the next record and the number skipped. `each`: called with
   * each body in the buffer, and the file offset of the buffer. Places in the buffer are made integers: file
   * offsets and what is computed with them may be numbers on the heap, here for each of 100,000 records.
   */
  skipRecords(
    tag: number,
    offset: number,
    until: number,
    each?: BufferedRecord,
  ): { next: number; count: number } {
    const bytes = this.#buffer;
    const base = this.#base;
    if (offset < base || offset > this.#end) return { next: offset, count: 0 };
    const last = (Math.min(until, this.#end - RECORD_HEAD + 1) - base) | 0;
    const end = (this.#end - base) | 0;
    let at = (offset - base) | 0;
    let count = 0;
    while (at < last && bytes[at] === tag) {
      const length =
        ((bytes[at + 5]! << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!) >>> 0;
      if (length > end - at - RECORD_HEAD) break;
      const body = at + RECORD_HEAD;
      at = body + length;
      each?.(bytes, body, at, base);
      count++;
    }
    return { next: base + at, count };
  }

  /** Copies buffered bytes. */
  copy(offset: number, target: Uint8Array): void {
    const at = offset - this.#base;
    target.set(this.#buffer.subarray(at, at + target.length));
  }

  u8(offset: number): number {
    return this.#buffer[offset - this.#base]!;
  }

  u16(offset: number): number {
    return this.#buffer.readUInt16BE(offset - this.#base);
  }

  u32(offset: number): number {
    const at = offset - this.#base;
    const bytes = this.#buffer;
    return bytes[at]! * 2 ** 24 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
  }

  id(offset: number): Id {
    if (this.header.idSize === 4) return this.u32(offset);
    const high = this.u32(offset);
    const low = this.u32(offset + 4);
    return high < 2 ** 21 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
  }

  /** The low 32 bits of an identifier. */
  low(offset: number): number {
    return this.u32(offset + this.header.idSize - 4);
  }

  /** Text of an HPROF_UTF8 record, truncated at 1 KiB. */
  text(offset: number, length: number): string {
    return decodeText(readBytes(this.reader, offset, Math.min(length, MAX_NAME)));
  }
}

/**
 * Start of an HPROF file (heapDumper.cpp of HotSpot, hprof_b_spec.h): "JAVA PROFILE 1.0.x\0", size of an
 * identifier (u4), milliseconds since 1970 (u8). Everything is big-endian.
 */
export interface HprofHeader {
  version: string;
  idSize: 4 | 8;
  /** Size of the header in bytes; the first record follows. */
  length: number;
  /** Milliseconds since 1970. */
  time: bigint;
}

const MAGIC = /^JAVA PROFILE (1\.0\.[123])\0/;
const MAGIC_LENGTH = 19;
const LENGTH = MAGIC_LENGTH + 4 + 8;

/** The header; undefined if it is truncated or invalid. */
export function readHeader(head: Uint8Array): HprofHeader | undefined {
  const version = versionOf(head);
  if (version === undefined || head.length < LENGTH) return undefined;
  const fields = new FieldReader(head, 'be');
  const idSize = fields.u32(MAGIC_LENGTH);
  if (idSize !== 4 && idSize !== 8) return undefined;
  return { version, idSize, length: LENGTH, time: fields.u64(MAGIC_LENGTH + 4) };
}

export function versionOf(head: Uint8Array): string | undefined {
  return MAGIC.exec(Buffer.from(head.subarray(0, MAGIC_LENGTH)).toString('latin1'))?.[1];
}
