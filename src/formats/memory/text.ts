const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text of a dump: UTF-8 if valid, else Latin-1. Untrusted: it must be escaped before it is printed. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

/** Text up to the first NUL. */
export function decodeCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
}
