/** Bytes with one NUL between each two: the part that UTF-16LE and UTF-16BE have in common. */
export function widen(bytes: Uint8Array): Uint8Array {
  const wide = new Uint8Array(2 * bytes.length - 1);
  for (let i = 0; i < bytes.length; i++) wide[2 * i] = bytes[i]!;
  return wide;
}

const UTF8_MARK = [0xef, 0xbb, 0xbf] as const;

/** Strips the UTF-8 byte order mark, which editors on Windows write at the start of a file. */
export function withoutByteOrderMark(text: Uint8Array): Uint8Array {
  return UTF8_MARK.every((byte, i) => text[i] === byte) ? text.subarray(UTF8_MARK.length) : text;
}
