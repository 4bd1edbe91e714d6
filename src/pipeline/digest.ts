import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Reader } from '../base/bytes/storage.js';

/** Bytes read at once, and bytes after which signals are heard. */
const PIECE = 2 ** 20;
const BREATH = 16 * PIECE;

/**
 * SHA-256 of an artifact's stored bytes, lower-case hex. Undefined where not every byte could be read, which the coverage
 * says in its own words, or where the scan was stopped.
 */
export async function sha256(reader: Reader, signal?: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE);
  for (let offset = 0; offset < reader.length; ) {
    const read = readSome(reader, offset, piece.subarray(0, Math.min(PIECE, reader.length - offset)));
    if (read === 0) return undefined;
    hash.update(piece.subarray(0, read));
    offset += read;
    if (offset % BREATH === 0) await setImmediate();
    if (signal?.aborted) return undefined;
  }
  return hash.digest('hex');
}

function readSome(reader: Reader, offset: number, target: Uint8Array): number {
  try {
    return reader.read(offset, target);
  } catch {
    return 0;
  }
}
