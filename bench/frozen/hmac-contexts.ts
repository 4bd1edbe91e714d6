import { SHA2 } from '../../src/core/base/crypto/sha2.js';

/** H(0) of SHA-256 (FIPS 180-4, 5.3.3). */
const START = '6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19';

/** Contexts of OpenSSL's SHA-256 (sha.h) after the inner and the outer pad of a key. */
export function hmacContexts(key: Buffer): Buffer[] {
  const { block, compress, digest } = SHA2.sha256;
  return [0x36, 0x5c].map((pad) => {
    const padded = Buffer.alloc(block, pad).map((byte, i) => byte ^ (key[i] ?? 0));
    const state = Buffer.from(compress(Buffer.from(START, 'hex'), Buffer.from(padded))).swap32();
    const rest = Buffer.alloc(8 + block + 8);
    rest.writeUInt32LE(block * 8);
    rest.writeUInt32LE(digest, rest.length - 4);
    return Buffer.concat([state, rest]);
  });
}
