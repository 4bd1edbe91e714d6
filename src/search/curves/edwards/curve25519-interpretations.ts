import { hash } from 'node:crypto';
import { WEI25519 } from '../../../core/asn1/domain.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import type { KeyMaterial } from '../../../core/model/key-material.js';
import { toNumber } from '../../core/integer-encodings.js';
import { toLittleEndian } from '../numbers/octets.js';

const { n: ORDER } = WEI25519;
const SIZE = 32;

/** A private key of Curve25519. */
export type Curve25519Key = Extract<KeyMaterial, { type: 'okp' | 'edwards-scalar' }>;

/**
 * A way to read a 32-byte number as a private key: the scalar it yields, little-endian and clamped, and the
 * curve of its public key.
 */
export interface Interpretation {
  curve: 'Ed25519' | 'X25519';
  scalarOf(number: Buffer): Buffer | undefined;
  /** Other values pass for this too, so it counts only if its public key is written as a key. */
  ambiguous: boolean;
  material(number: Buffer, publicKey: Buffer): Curve25519Key;
}

export const INTERPRETATIONS: readonly Interpretation[] = [
  {
    // A seed of Ed25519 (RFC 8032, 5.1.5).
    curve: 'Ed25519',
    scalarOf: (number) => clamp(hash('sha512', number, 'buffer').subarray(0, SIZE)),
    ambiguous: false,
    material: (number, key) => ({ type: 'okp', curve: 'Ed25519', seed: new Secret(number), public: key }),
  },
  {
    // The expanded and clamped scalar (ring, elliptic).
    curve: 'Ed25519',
    scalarOf: (number) => (isClamped(number) ? number : undefined),
    ambiguous: false,
    material: expanded,
  },
  {
    // The expanded scalar modulo the order (curve25519-dalek). The nonce of a signature is such a number too,
    // with R as its public key.
    curve: 'Ed25519',
    scalarOf: clampedRepresentative,
    ambiguous: true,
    material: expanded,
  },
  {
    // A private key of X25519; implementations clamp it at the latest when it is used (RFC 7748, section 5).
    curve: 'X25519',
    scalarOf: (number) => clamp(Buffer.from(number)),
    ambiguous: false,
    material: (number, key) => ({ type: 'okp', curve: 'X25519', seed: new Secret(number), public: key }),
  },
];

/** Index of the expanded scalar: elliptic keeps it in digits of a JavaScript engine. */
export const EXPANDED = 1;

/** Clamps in place (RFC 7748, section 5; RFC 8032, 5.1.5). */
function clamp(scalar: Buffer): Buffer {
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  return scalar;
}

const isClamped = (number: Buffer): boolean => (number[0]! & 7) === 0 && number[31]! >> 6 === 1;

function expanded(number: Buffer, publicKey: Buffer): Curve25519Key {
  return { type: 'edwards-scalar', curve: 'Ed25519', scalar: new Secret(number), public: publicKey };
}

/** The clamped scalar congruent to this number modulo the order, if there is one. */
function clampedRepresentative(number: Buffer): Buffer | undefined {
  if (number[31]! > 0x10) return undefined;
  let value = toNumber(number, 'limbs-le');
  if (value >= ORDER) return undefined;
  while (value < 2n ** 255n) {
    if (value >= 2n ** 254n && value % 8n === 0n) return toLittleEndian(value, SIZE);
    value += ORDER;
  }
  return undefined;
}
