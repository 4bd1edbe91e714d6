import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';

/** NUL, tab, line feed, carriage return, blank. */
const PADDING = [0x00, 0x09, 0x0a, 0x0d, 0x20];
const IS_PADDING = Uint8Array.from({ length: 256 }, (_, byte) => (PADDING.includes(byte) ? 1 : 0));
/** The byte order mark of UTF-8, which some programs write in front of everything. */
const MARK = [0xef, 0xbb, 0xbf];
/** Bytes of padding, at most. */
const MOST = 1024 * 1024;
const WINDOW = 64 * 1024;

/** The offset of the first byte behind zeros, blanks and line ends, if a file begins with any. */
export function* afterPadding(head: FieldReader, reader: ByteReader): Generator<number> {
  const mark = MARK.every((byte, i) => head.bytes[i] === byte) ? MARK.length : 0;
  const at = endOfPadding(reader, mark, head.bytes.subarray(mark));
  if (at !== undefined && at > 0) yield at;
}

/** The offset of the first byte from `from` on that is no padding. `first`: bytes there that are known. */
export function endOfPadding(reader: ByteReader, from: number, first: Uint8Array): number | undefined {
  let at = from;
  for (let window = first; window.length > 0 && at < from + MOST; window = readAt(reader, at, WINDOW)) {
    let i = 0;
    while (i < window.length && IS_PADDING[window[i]!] === 1) i++;
    at += i;
    if (i < window.length) return at;
  }
  return undefined;
}
