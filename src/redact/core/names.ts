import { createHash } from 'node:crypto';

/**
 * A name of the same length in place of another: equal names become equal. A leading slash stays, since
 * debuggers distinguish absolute paths.
 */
export function hashedName(name: Uint8Array): Buffer {
  const hex = createHash('shake256', { outputLength: Math.ceil(name.length / 2) })
    .update(name)
    .digest('hex');
  const hashed = Buffer.from(hex.slice(0, name.length), 'latin1');
  if (name[0] === SLASH) hashed[0] = SLASH;
  return hashed;
}

const SLASH = 0x2f;
