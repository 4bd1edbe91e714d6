import type { ByteReader } from '../../base/bytes/storage.js';

const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
/** Bytes of the record without its comment: of an archive without members. */
export const END_LENGTH = 22;
/** Bytes of the longest comment. */
const MOST_COMMENT = 0xffff;

/** All bits of a 32-bit field: the value is in the zip64 record. */
const IN_ZIP64 = 0xffffffff;
/** Zip64 end of central directory record without further data, and its locator (4.3.14, 4.3.15). */
const ZIP64_END = { signature: 0x06064b50, length: 56 };
const ZIP64_LOCATOR = { signature: 0x07064b50, length: 20 };

/**
 * Bytes in front of a ZIP archive that ends with the file, such as a program that unpacks it: the end of
 * central directory record (APPNOTE.TXT, 4.3.16) says where the directory would be without them. Undefined
 * if the file ends with no such record that leads to a directory. `comment`: bytes that may follow it.
 */
export function bytesInFront(reader: ByteReader, comment = MOST_COMMENT): number | undefined {
  const from = Math.max(0, reader.length - END_LENGTH - comment);
  const tail = Buffer.alloc(Math.max(0, reader.length - from));
  if (tail.length < END_LENGTH || reader.read(from, tail) < tail.length) return undefined;
  for (let at = tail.length - END_LENGTH; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + END_LENGTH + tail.readUInt16LE(at + 20) !== tail.length)
      continue;
    const [entries, size, offset] = [
      tail.readUInt16LE(at + 10),
      tail.readUInt32LE(at + 12),
      tail.readUInt32LE(at + 16),
    ];
    if (size === IN_ZIP64 || offset === IN_ZIP64) {
      const front = bytesInFrontOfZip64(reader, from + at);
      if (front !== undefined) return front;
      continue;
    }
    const front = from + at - size - offset;
    if (front < 0) continue;
    if (entries === 0 && size === 0) return front;
    const magic = Buffer.alloc(4);
    if (reader.read(front + offset, magic) === 4 && magic.readUInt32LE(0) === DIRECTORY) return front;
  }
  return undefined;
}

/** The same by the zip64 records in front of the record at `end`. */
function bytesInFrontOfZip64(reader: ByteReader, end: number): number | undefined {
  const at = end - ZIP64_LOCATOR.length - ZIP64_END.length;
  const bytes = Buffer.alloc(ZIP64_END.length + ZIP64_LOCATOR.length);
  if (at < 0 || reader.read(at, bytes) < bytes.length) return undefined;
  if (bytes.readUInt32LE(ZIP64_END.length) !== ZIP64_LOCATOR.signature) return undefined;
  if (bytes.readUInt32LE(0) !== ZIP64_END.signature) return 0;
  const front = at - Number(bytes.readBigUInt64LE(ZIP64_END.length + 8));
  return Number.isSafeInteger(front) && front >= 0 ? front : undefined;
}
