import { createHash, hkdfSync, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { hmac } from '../../core/base/crypto/hmac.js';

/** Units of 1,000 iterations of PBKDF2 for one block of output: about 0.5 ms. */
const PBKDF2_UNITS = 250;
/** Octets of a block of PBKDF2: the length of the hash. */
const HASH_OCTETS: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** The secret itself, of one of these lengths if any are named. */
export function direct(...lengths: number[]): Derivation {
  const fits = (length: number) => lengths.length === 0 || lengths.includes(length);
  return { units: 0, derive: (secret) => (fits(secret.length) ? secret : undefined) };
}

/** HMAC under the secret over a salt: `hmac` of itsdangerous. */
export function hmacDerived(hash: string, salt: string): Derivation {
  return { units: 1, derive: (secret) => hmac(hash, secret, salt) };
}

/** Hash over texts and the secret: `django-concat` of itsdangerous, `salted_hmac` of Django. */
export function concatDerived(hash: string, before: string, prefix = ''): Derivation {
  const derive = (secret: Uint8Array) =>
    createHash(hash).update(before, 'latin1').update(prefix, 'latin1').update(secret).digest();
  return { units: 1, derive };
}

/** PBKDF2 of 1,000 iterations: the KeyGenerator of Rails and of Plug. */
export function pbkdf2Derived(hash: string, salt: string, octets: number): Derivation {
  return {
    units: PBKDF2_UNITS * Math.ceil(octets / (HASH_OCTETS[hash] ?? 32)),
    textOnly: true,
    derive: (secret) => pbkdf2Sync(secret, salt, 1_000, octets, hash),
  };
}

/** HKDF with SHA-256 (RFC 5869). */
export function hkdfDerived(salt: string, info: string, octets: number): Derivation {
  return {
    units: 4,
    textOnly: true,
    derive: (secret) => new Uint8Array(hkdfSync('sha256', secret, salt, info, octets)),
  };
}

/** True if both are equal and not empty. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length > 0 && one.length === other.length && timingSafeEqual(one, other);
}

/** A key that a framework computes from its secret. A constant of its scheme: keys are kept by identity. */
export interface Derivation {
  /** Work, in units of one HMAC of a short text: about 2 us. */
  readonly units: number;
  /** The framework takes the secret as text only: what it decodes to is not tried. */
  readonly textOnly?: true;
  /** Undefined if a secret of this length does not fit. */
  derive(secret: Uint8Array): Uint8Array | undefined;
}

/** One way in which a session token may have been signed or encrypted. */
export interface SessionTrial {
  readonly derivation: Derivation;
  verify(key: Uint8Array): boolean;
}

/** A session token, parsed for verification. */
export interface SessionToken {
  /** `Django session`: the object of a statement. */
  readonly name: string;
  /** What the key of the token has done. */
  readonly verb: 'signed' | 'encrypted';
  readonly trials: readonly SessionTrial[];
}

/** Reads the text of a token; undefined if it has another form. Linear in its length, and never throws. */
export type SessionReader = (text: string) => SessionToken | undefined;
