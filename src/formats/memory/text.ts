const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text of a dump: UTF-8 where it is valid, else Latin-1. Hostile: whoever prints it escapes it. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

/** The same up to a NUL. */
export function decodeCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
}
