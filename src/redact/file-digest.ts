import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Reader } from '../base/bytes/storage.js';

/** Bytes read at once. */
const CHUNK = 1 << 20;

/** SHA-256 of a file in hexadecimal, read once from its start to its end. `step` throws to end it. */
export async function sha256Of(reader: Reader, step: (done: number) => void): Promise<string> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(CHUNK);
  for (let at = 0; at < reader.length; at += chunk.length) {
    const length = reader.read(at, chunk);
    hash.update(chunk.subarray(0, length));
    step(at + length);
    await turn();
  }
  return hash.digest('hex');
}
