import { closeSync, openSync, readSync } from 'node:fs';

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Windows of 8 bytes of some texts, at every offset, that are in a file: their offsets in it. Zeros are no
 * secret.
 */
export function windowsIn(file: Uint8Array, secrets: readonly Uint8Array[]): number[] {
  const buffer = bufferOf(file);
  // By their first three bytes, of which few are the same: most windows need no further look.
  const likely = new Uint8Array(2 ** 24);
  for (const secret of secrets.map(bufferOf))
    for (let at = 0; at + 8 <= secret.length; at++) likely[secret.readUIntLE(at, 3)] = 1;
  const candidates = new Map<bigint, number[]>();
  for (let at = 0; at + 8 <= buffer.length; at++) {
    if (likely[buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16)] === 0) continue;
    const window = buffer.readBigUInt64LE(at);
    if (window === 0n) continue;
    const places = candidates.get(window);
    if (places === undefined) candidates.set(window, [at]);
    else places.push(at);
  }
  if (candidates.size === 0) return [];
  const found: number[] = [];
  for (const secret of secrets.map(bufferOf)) {
    for (let at = 0; at + 8 <= secret.length; at++) {
      const window = secret.readBigUInt64LE(at);
      found.push(...(candidates.get(window) ?? []));
      candidates.delete(window);
    }
  }
  return found.sort((a, b) => a - b);
}

const CHUNK = 2 ** 20;

/** The same of a large file, most of which is zero: true if one of the windows is in it. */
export function holdsWindows(path: string, secrets: readonly Uint8Array[]): boolean {
  const fd = openSync(path, 'r');
  const zeros = Buffer.alloc(CHUNK + 7);
  const kept: Buffer[] = [];
  try {
    for (let at = 0; ; at += CHUNK) {
      const chunk = Buffer.alloc(CHUNK + 7);
      const length = readSync(fd, chunk, 0, chunk.length, at);
      if (!chunk.equals(zeros)) kept.push(chunk.subarray(0, length));
      if (length < chunk.length) return windowsIn(Buffer.concat(kept), secrets).length > 0;
    }
  } finally {
    closeSync(fd);
  }
}
