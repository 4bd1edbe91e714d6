import { createHash } from 'node:crypto';
import type { Reader } from '../base/bytes/storage.js';

/** A reader with the SHA-256 of all that is read through it, from its start to its end. */
export function digestingReader(reader: Reader): { reader: Reader; digest: () => string } {
  const hash = createHash('sha256');
  const read = (offset: number, target: Uint8Array): number => {
    const length = reader.read(offset, target);
    hash.update(target.subarray(0, length));
    return length;
  };
  return { reader: { ...reader, read }, digest: () => hash.digest('hex') };
}
