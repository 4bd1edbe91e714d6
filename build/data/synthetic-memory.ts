import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** Bytes of allocations: numbers of curves, primes and moduli, and other keys. */
const SIZES = [32, 32, 48, 66, 128, 256, 20, 56];
/** Number of allocations. */
const CHUNKS = 4000;

/**
 * A heap with random numbers, and public keys without their
 * private keys, so that all searches for bare keys run.
 */
export function syntheticMemory(): Buffer {
  const parts: Buffer[] = [];
  const chunk = (bytes: Buffer): void => {
    const size = Math.ceil((bytes.length + 8) / 16) * 16;
    const header = Buffer.alloc(8);
    header.writeBigUInt64LE(BigInt(size) | 1n);
    parts.push(header, bytes, Buffer.alloc(size - 8 - bytes.length), Buffer.alloc(16));
  };
  for (let i = 0; i < CHUNKS; i++) chunk(randomBytes(SIZES[i % SIZES.length]!));
  for (const { publicKey } of [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    generateKeyPairSync('ed25519'),
  ])
    chunk(publicKey.export({ format: 'der', type: 'spki' }));
  return Buffer.concat(parts);
}
