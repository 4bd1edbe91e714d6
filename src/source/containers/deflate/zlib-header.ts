/** Bytes of the header. */
export const HEADER = 2;

/** A zlib header (RFC 1950, section 2.2): deflate, a window of at most 32 KiB, no dictionary. */
export const isZlibHeader = (cmf: number, flags: number): boolean =>
  (cmf & 0x8f) === 8 && (cmf * 256 + flags) % 31 === 0 && (flags & 0x20) === 0;
