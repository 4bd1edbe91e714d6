import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SeededRandom } from '../../../fixtures/random.js';
import { LAYOUTS } from '../memory.js';
import { ecFrom, rsaFrom } from '../seeded.js';

export const random = new SeededRandom('limits');
export const little = LAYOUTS['limbs-le']!;
/** SubjectPublicKeyInfo. */
export const derOf = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

export const RSA = { asked: rsaFrom('limits asked', 1024), written: rsaFrom('limits written', 1024) };
export const P256 = ecFrom('limits', 'P-256', 'prime256v1', 32);
export const okp = (type: 'ed25519' | 'ed448' | 'x448') => generateKeyPairSync(type as 'ed25519').publicKey;

/** Digits of 30 bits, each in four bytes, as CPython keeps them. */
export function digits(value: bigint): Buffer {
  const all: Buffer[] = [];
  for (let rest = value; rest > 0n; rest >>= 30n) {
    const digit = Buffer.alloc(4);
    digit.writeUInt32LE(Number(rest & 0x3fff_ffffn));
    all.push(digit);
  }
  return Buffer.concat(all);
}

/** An odd number of full length, in big-endian octets. */
export const odd = (octets: number): Buffer => {
  const bytes = random.bytes(octets);
  bytes[0]! |= 0x80;
  bytes[octets - 1]! |= 1;
  return bytes;
};

export const toNumber = (octets: Buffer) => BigInt(`0x${octets.toString('hex')}`);
/** A string behind its length, as objects of strings have it. */
export const text = (value: string) => {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(value.length, 12);
  return Buffer.concat([head, Buffer.from(value, 'latin1')]);
};
