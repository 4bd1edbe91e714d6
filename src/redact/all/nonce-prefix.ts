import type { Reader } from '../../base/bytes/storage.js';
import { Secret } from '../../base/crypto/secret.js';
import type { Component } from '../../model/key-material.js';
import type { Extent } from '../../model/report.js';

/** Bytes of a scalar of Ed25519, and of the prefix. */
const SIZE = 32;
/** Of 32 random bytes fewer are distinct in one of 40,000 cases. */
const LEAST_DISTINCT = 24;

/** The prefix of an expanded key, and where it lies. */
export interface NoncePrefix {
  place: Extent;
  component: Component;
}

/** True for an Ed25519 key that is known without its seed, from which its prefix cannot be computed. */
export const hasNoSeed = (components: readonly Component[]): boolean =>
  components.some(({ name }) => name === 'scalar') && components.every(({ name }) => name !== 'seed');

/**
 * The prefix for nonces that libraries keep after the scalar of an expanded Ed25519 key (RFC 8032, 5.1.5):
 * together with any signature it gives the key. No arithmetic proves it: random bytes count as one, unless
 * they are the public key. `scalar`: its place, little-endian. Undefined if there is none.
 */
export function noncePrefix(reader: Reader, scalar: Extent, spki: Uint8Array): NoncePrefix | undefined {
  if (scalar.length !== SIZE) return undefined;
  const place = { offset: scalar.offset + SIZE, length: SIZE };
  const bytes = new Uint8Array(SIZE);
  if (reader.read(place.offset, bytes) < SIZE || new Set(bytes).size < LEAST_DISTINCT) return undefined;
  if (Buffer.from(spki.subarray(-SIZE)).equals(bytes)) return undefined;
  // A byte string: reversed, so that its little-endian limbs are the bytes.
  return { place, component: { name: 'prefix', value: new Secret(bytes.reverse()) } };
}
