import { createPublicKey, type KeyObject } from 'node:crypto';
import { ecFrom, ed25519From, rsaFrom } from '../../test/search/seeded.js';
import { chunk } from './chunk.js';

/** A key as it lies in memory: its public half a quarter into the file, its private half in the middle. */
export interface PlacedKey {
  key: KeyObject;
  /** Each part lies behind a block of noise of its own. */
  publicHalf: readonly Buffer[];
  privateHalf: readonly Buffer[];
}

const bytesOf = (key: KeyObject, member: 'n' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi' | 'x'): Buffer =>
  Buffer.from(key.export({ format: 'jwk' })[member]!, 'base64url');

/** Limbs of 64 bits, the least significant one first, as a number of OpenSSL or mbedTLS. */
const limbs = (bigEndian: Buffer): Buffer => Buffer.from(bigEndian).reverse();

const spki = (key: KeyObject): Buffer => createPublicKey(key).export({ format: 'der', type: 'spki' });

const p256 = (seed: string) => ecFrom(seed, 'P-256', 'prime256v1', 32);

export const KEYS = {
  'rsa-npq': (seed) => {
    const key = rsaFrom(seed, 2048);
    const parts = (['n', 'p', 'q'] as const).map((member) => chunk(limbs(bytesOf(key, member))));
    return { key, publicHalf: [], privateHalf: parts };
  },
  'rsa-crt': (seed) => {
    const key = rsaFrom(seed, 2048);
    const parts = (['p', 'q', 'dp', 'dq', 'qi'] as const).map((member) => {
      const value = limbs(bytesOf(key, member));
      return Buffer.concat([value, Buffer.alloc(128 - value.length)]);
    });
    return { key, publicHalf: [], privateHalf: [chunk(Buffer.concat(parts))] };
  },
  'p256-spki': (seed) => {
    const { key, d } = p256(seed);
    return { key, publicHalf: [chunk(spki(key))], privateHalf: [chunk(limbs(d))] };
  },
  'p256-point': (seed) => {
    const { key, d, x, y } = p256(seed);
    return { key, publicHalf: [chunk(limbs(x)), chunk(limbs(y))], privateHalf: [chunk(limbs(d))] };
  },
  ed25519: (seed) => {
    const key = ed25519From(seed);
    const pair = Buffer.concat([bytesOf(key, 'd'), bytesOf(key, 'x')]);
    return { key, publicHalf: [], privateHalf: [chunk(pair)] };
  },
} as const satisfies Record<string, (seed: string) => PlacedKey>;

export type KeyName = keyof typeof KEYS;
