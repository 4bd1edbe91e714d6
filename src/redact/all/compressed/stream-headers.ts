/** Index of the deflate data of a stream that begins at an index; -1 if none does. */
type DataAt = (bytes: Uint8Array, at: number) => number;

/** Longest name or comment of a gzip stream: that of the longest path. */
const LONGEST_NAME = 4096;
/** Bytes of the longest header: an extra field, name and comment of gzip. */
export const LONGEST_HEADER = 2 ** 17;

const FLAGS = { header: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

/** RFC 1952: magic, method 8, flags, 6 bytes; extra field, name, comment, check of the header. */
const gzip: DataAt = (bytes, at) => {
  if (bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) return -1;
  const flags = bytes[at + 3] ?? 0xff;
  if ((flags & FLAGS.reserved) !== 0) return -1;
  let data = at + 10;
  if ((flags & FLAGS.extra) !== 0) data += 2 + (bytes[data] ?? 0) + 256 * (bytes[data + 1] ?? 0);
  for (const flag of [FLAGS.name, FLAGS.comment])
    if ((flags & flag) !== 0) {
      const nul = bytes.subarray(data, data + LONGEST_NAME).indexOf(0);
      if (nul < 0) return -1;
      data += nul + 1;
    }
  return (flags & FLAGS.header) === 0 ? data : data + 2;
};

/** RFC 1950: method 8, a window of up to 32 KiB, a check of both bytes; without a dictionary. */
const zlib: DataAt = (bytes, at) => {
  const [method, flags] = [bytes[at]!, bytes[at + 1] ?? 0];
  return (256 * method + flags) % 31 === 0 && (flags & 0x20) === 0 ? at + 2 : -1;
};

/** A local header of a ZIP file (APPNOTE 4.3.7) with method 8. */
const zip: DataAt = (bytes, at) => {
  if (bytes[at + 1] !== 0x4b || bytes[at + 2] !== 3 || bytes[at + 3] !== 4) return -1;
  if (bytes[at + 8] !== 8 || bytes[at + 9] !== 0) return -1;
  const length = (index: number): number => (bytes[index] ?? 0) + 256 * (bytes[index + 1] ?? 0);
  return at + 30 + length(at + 26) + length(at + 28);
};

/** By the first byte. A zlib header of a smaller window than 32 KiB is rare, and chance is not. */
export const HEADERS: Readonly<Record<number, DataAt>> = { 31: gzip, 120: zlib, 80: zip };
