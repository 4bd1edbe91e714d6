import type { ByteReader } from '../../core/base/bytes/storage.js';

/** A copy of up to `length` bytes from `offset`; fewer only at the end of the stored bytes. */
export function readBytes(reader: ByteReader, offset: number, length: number): Uint8Array {
  const target = new Uint8Array(Math.max(0, Math.min(length, reader.length - offset)));
  return target.subarray(0, target.length === 0 ? 0 : reader.read(offset, target));
}
