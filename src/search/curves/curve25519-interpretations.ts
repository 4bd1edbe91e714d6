import { hash } from 'node:crypto';
import { WEI25519 } from '../../asn1/domain.js';
import { Secret } from '../../base/crypto/secret.js';
import type { KeyMaterial } from '../../model/key-material.js';
import { toNumber } from '../core/integer-encodings.js';
import { toBytes32 } from './curve25519-public-keys.js';

const { n: ORDER } = WEI25519;
const SIZE = 32;

/** What a private key of Curve25519 is proven by. */
export type Curve25519Key = Extract<KeyMaterial, { type: 'okp' | 'edwards-scalar' }>;

/** What a number of 32 bytes may be: the scalar that it stands for, little-endian and clamped, and which half is public. */
export interface Interpretation {
  curve: 'Ed25519' | 'X25519';
  scalarOf(number: Buffer): Buffer | undefined;
  /** Something else passes for this as well, unless its public half is written as a key. */
  ambiguous: boolean;
  material(number: Buffer, publicKey: Buffer): Curve25519Key;
}

export const INTERPRETATIONS: readonly Interpretation[] = [
  {
    // The seed of Ed25519 (RFC 8032, 5.1.5).
    curve: 'Ed25519',
    scalarOf: (number) => clamp(hash('sha512', number, 'buffer').subarray(0, SIZE)),
    ambiguous: false,
    material: (number, key) => ({ type: 'okp', curve: 'Ed25519', seed: new Secret(number), public: key }),
  },
  {
    // What the seed expands to, as it is (ring, elliptic).
    curve: 'Ed25519',
    scalarOf: (number) => (isClamped(number) ? number : undefined),
    ambiguous: false,
    material: expanded,
  },
  {
    // The same modulo the order (curve25519-dalek). The nonce of a signature is such a number too, and its R a public half.
    curve: 'Ed25519',
    scalarOf: clampedRepresentative,
    ambiguous: true,
    material: expanded,
  },
  {
    // A private key of X25519, which is clamped when it is used at the latest (RFC 7748, section 5).
    curve: 'X25519',
    scalarOf: (number) => clamp(Buffer.from(number)),
    ambiguous: false,
    material: (number, key) => ({ type: 'okp', curve: 'X25519', seed: new Secret(number), public: key }),
  },
];

/** The use of a JavaScript engine's integers in digits, of which the number has the little-endian words: elliptic's expanded scalars. */
export const EXPANDED = 1;

/** RFC 7748, section 5, and RFC 8032, 5.1.5. In place. */
function clamp(scalar: Buffer): Buffer {
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  return scalar;
}

const isClamped = (number: Buffer): boolean => (number[0]! & 7) === 0 && number[31]! >> 6 === 1;

function expanded(number: Buffer, publicKey: Buffer): Curve25519Key {
  return { type: 'edwards-scalar', curve: 'Ed25519', scalar: new Secret(number), public: publicKey };
}

/** The clamped scalar that this number is modulo the order; undefined where it is none. */
function clampedRepresentative(number: Buffer): Buffer | undefined {
  if (number[31]! > 0x10) return undefined;
  let value = toNumber(number, 'limbs-le');
  if (value >= ORDER) return undefined;
  while (value < 2n ** 255n) {
    if (value >= 2n ** 254n && value % 8n === 0n) return toBytes32(value);
    value += ORDER;
  }
  return undefined;
}
