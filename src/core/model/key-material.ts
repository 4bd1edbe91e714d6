import type { Secret } from '../base/crypto/secret.js';
import type { Sha2 } from '../base/crypto/sha2.js';

/**
 * The parts of a private key as found, before any proof. Integers are unsigned big-endian without leading
 * zeros; public parts are plain bytes, private parts are Secrets.
 */
export interface RsaMaterial {
  type: 'rsa';
  /** id-RSASSA-PSS (RFC 8017, A.2.3) rather than rsaEncryption. */
  pss?: boolean;
  /** DER of the RSASSA-PSS-params after that identifier; absent if the parameters are. */
  pssParameters?: Uint8Array;
  n?: Uint8Array;
  e?: Uint8Array;
  d?: Secret;
  p?: Secret;
  q?: Secret;
  dp?: Secret;
  dq?: Secret;
  qinv?: Secret;
  /** Further primes of a multi-prime key (RFC 8017, A.1.2 otherPrimeInfos). */
  others?: { r: Secret; d: Secret; t: Secret }[];
}

/** Curve names are those of NIST, SEC and Brainpool: P-256, P-384, P-521, secp256k1, brainpoolP256r1 …. */
export interface EcMaterial {
  type: 'ec';
  curve: string;
  d: Secret;
  /** Public point as found with the scalar: uncompressed, compressed (SEC 1, 2.3.3) or hybrid. */
  point?: Uint8Array;
  /** DER of explicit curve parameters, if the key has these instead of a name (RFC 3279, 2.3.5). */
  explicit?: Uint8Array;
}

export interface OkpMaterial {
  type: 'okp';
  curve: 'Ed25519' | 'Ed448' | 'X25519' | 'X448';
  seed: Secret;
  public?: Uint8Array;
}

/**
 * The scalar that an Ed25519 seed expands to (RFC 8032, 5.1.5), without the seed. It suffices for signing.
 */
export interface EdwardsScalarMaterial {
  type: 'edwards-scalar';
  curve: 'Ed25519';
  /** 32 bytes, little-endian: clamped, or reduced modulo the order. */
  scalar: Secret;
  public?: Uint8Array;
}

/** DSA (FIPS 186-4). Its DER starts with `02 01 00 02` as PKCS#1 does, and must not be taken for RSA. */
export interface DsaMaterial {
  type: 'dsa';
  p: Uint8Array;
  q: Uint8Array;
  g: Uint8Array;
  /** Absent in PKCS#8, which has no public half. */
  y?: Uint8Array;
  x: Secret;
}

/** A symmetric key: JWK `oct`. */
interface OctMaterial {
  type: 'oct';
  k: Secret;
}

/**
 * Midstates that HMAC keeps in place of its key (RFC 2104, section 4): the hash states after the padded keys.
 * They sign as the key does.
 */
export interface HmacStatesMaterial {
  type: 'hmac-states';
  hash: Sha2;
  /** Big-endian words. */
  inner: Secret;
  outer: Secret;
}

export type KeyMaterial =
  | RsaMaterial
  | EcMaterial
  | OkpMaterial
  | EdwardsScalarMaterial
  | DsaMaterial
  | OctMaterial
  | HmacStatesMaterial;

/** True for keys that both sign and verify. */
export function isSymmetric({ type }: KeyMaterial): boolean {
  return type === 'oct' || type === 'hmac-states';
}

/**
 * A named integer of a key, for the copies sweep and the redactor. It is private, or public in the search for
 * a public half.
 */
export interface Component {
  /** `d`, `p`, `q`, `dp`, `dq`, `qinv`, `seed`, `scalar`, `k`, `x`. */
  name: string;
  value: Secret;
}
