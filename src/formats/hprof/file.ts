import type { Reader } from '../../base/bytes/storage.js';
import { readBytes } from '../memory/read.js';
import { decodeText } from '../memory/text.js';
import type { HprofHeader } from './header.js';

/**
 * An object's, class's or name's identifier: a number where it is exact, else a bigint. Fit as key of a Map.
 */
export type Id = number | bigint;

/**
 * The most bytes that are read at once, and the fewest: what a walk skips to may be all that it wants there.
 */
const CHUNK = 256 * 1024;
const FIRST = 4 * 1024;
/** Tag, time and length of a record. */
export const RECORD_HEAD = 9;
/** The longest name that is read, in bytes. */
const MAX_NAME = 1024;

/**
 * A file's big-endian fields by offset, through one buffer: reading on is cheap, skipping reads nothing.
 * {@link HprofFile.has} must say yes to a place before its fields are read.
 */
export class HprofFile {
  readonly reader: Reader;
  readonly header: HprofHeader;
  readonly length: number;
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  #base = 0;
  #end = 0;
  #ahead = FIRST;

  constructor(reader: Reader, header: HprofHeader) {
    this.reader = reader;
    this.header = header;
    this.length = reader.length;
  }

  /** Are `count` (at most 256 KiB) bytes there from `offset` on? They are at hand then. */
  has(offset: number, count: number): boolean {
    return (offset >= this.#base && offset + count <= this.#end) || this.#fetch(offset, count);
  }

  #fetch(offset: number, count: number): boolean {
    if (offset < 0 || count > CHUNK || offset + count > this.length) return false;
    const goesOn = offset >= this.#base && offset <= this.#end;
    this.#ahead = goesOn ? Math.min(CHUNK, 4 * this.#ahead) : FIRST;
    this.#base = offset;
    this.#end = offset + this.reader.read(offset, this.#buffer.subarray(0, Math.max(count, this.#ahead)));
    return offset + count <= this.#end;
  }

  /**
   * Passes over records with this tag that follow one another (u1, u4, u4 for the length of what follows), as
   * far as they are at hand and start before `until`. Where the next one starts, and how many were passed.
   */
  skipRecords(tag: number, offset: number, until: number): { next: number; count: number } {
    const bytes = this.#buffer;
    const last = Math.min(until, this.#end - RECORD_HEAD + 1) - this.#base;
    const end = this.#end - this.#base;
    let at = offset - this.#base;
    let count = 0;
    while (at >= 0 && at < last && bytes[at] === tag) {
      const next = at + RECORD_HEAD + bytes.readUInt32BE(at + 5);
      if (next > end) break;
      at = next;
      count++;
    }
    return { next: this.#base + at, count };
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

  /** Text of a UTF8 record; what is longer than 1 KiB is cut. */
  text(offset: number, length: number): string {
    return decodeText(readBytes(this.reader, offset, Math.min(length, MAX_NAME)));
  }
}
