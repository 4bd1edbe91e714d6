import type { ByteReader } from '../../../core/base/bytes/storage.js';

/** The bytes at an offset, fewer at the end. */
export function readAt(reader: ByteReader, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, reader.length - offset)));
  return bytes.subarray(0, reader.read(offset, bytes));
}

/** The bytes before the first NUL: a name in a field of fixed length. */
export function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
