import { constants, KeyObject, verify } from 'node:crypto';
import { hmac } from '../../core/base/crypto/hmac.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { resume } from '../../core/base/crypto/sha2.js';
import type { HmacStatesMaterial } from '../../core/model/key-material.js';
import { identifySecret } from '../fingerprint.js';
import { publishedFingerprint } from '../published.js';

/** A signature algorithm of RFC 7518 (section 3.1), RFC 8037 and RFC 8812. */
type Algorithm =
  | { type: 'rsa'; hash: string; pss: boolean }
  | { type: 'ec'; hash: string; curve: string }
  | { type: 'okp' }
  | { type: 'oct'; hash: string };

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ...[256, 384, 512].flatMap((bits): [string, Algorithm][] => [
    [`RS${bits}`, { type: 'rsa', hash: `sha${bits}`, pss: false }],
    [`PS${bits}`, { type: 'rsa', hash: `sha${bits}`, pss: true }],
    [`HS${bits}`, { type: 'oct', hash: `sha${bits}` }],
  ]),
  ['ES256', { type: 'ec', hash: 'sha256', curve: 'prime256v1' }],
  ['ES384', { type: 'ec', hash: 'sha384', curve: 'secp384r1' }],
  ['ES512', { type: 'ec', hash: 'sha512', curve: 'secp521r1' }],
  ['ES256K', { type: 'ec', hash: 'sha256', curve: 'secp256k1' }],
  ['EdDSA', { type: 'okp' }],
  ['Ed25519', { type: 'okp' }],
]);

/** Key of a message authentication code, or the midstates that HMAC keeps of it. */
export type MacKey = Secret | HmacStatesMaterial;

function mac(hash: string, key: MacKey, signed: string): Buffer | undefined {
  if (key instanceof Secret) return hmac(hash, key.reveal(), signed);
  if (key.hash !== hash) return undefined;
  const data = Buffer.from(signed, 'latin1');
  return resume(key.hash, key.outer.reveal(), 1, resume(key.hash, key.inner.reveal(), 1, data));
}

/**
 * A JWT in compact serialisation (RFC 7515, 7.1), parsed for verification. Only its text is kept: an artifact
 * may have 100,000.
 */
export class Jwt {
  readonly algorithm: Algorithm;
  readonly #text: string;
  /** Index of the dot before the signature. */
  readonly #dot: number;

  constructor(algorithm: Algorithm, text: string) {
    this.algorithm = algorithm;
    this.#text = text;
    this.#dot = text.lastIndexOf('.');
  }

  get length(): number {
    return this.#text.length;
  }

  /** Header, dot and payload. */
  get signed(): string {
    return this.#text.slice(0, this.#dot);
  }

  get signature(): Buffer {
    return Buffer.from(this.#text.slice(this.#dot + 1), 'base64url');
  }
}

/** Parses a JWT; undefined if it is none or its algorithm is unknown. Linear in its length. */
export function readJwt(text: Secret): Jwt | undefined {
  const token = Buffer.from(text.reveal()).toString('latin1');
  const [header, payload, signature, ...more] = token.split('.');
  if (!header || !payload || !signature || more.length > 0) return undefined;
  try {
    const { alg }: { alg?: unknown } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    const algorithm = typeof alg === 'string' ? ALGORITHMS.get(alg) : undefined;
    if (!algorithm) return undefined;
    return new Jwt(algorithm, token);
  } catch {
    return undefined;
  }
}

/** True for a token of a manual or test: that its key verifies it does not show that the key is in use. */
export function isPublishedJwt({ signed, signature }: Jwt): boolean {
  const text = Buffer.from(`${signed}.${signature.toString('base64url')}`, 'latin1');
  const { fingerprint } = identifySecret(new Secret(text));
  return fingerprint !== undefined && publishedFingerprint(fingerprint) !== undefined;
}

/** Node's `asymmetricKeyType` by type of algorithm. */
const KEY_TYPES: Record<Exclude<Algorithm['type'], 'oct'>, readonly string[]> = {
  rsa: ['rsa'],
  ec: ['ec'],
  okp: ['ed25519', 'ed448'],
};

/** True if the key can have signed with this algorithm: a verification is slow. */
export function canVerify({ algorithm }: Jwt, key: KeyObject | MacKey): boolean {
  if (algorithm.type === 'oct' || !(key instanceof KeyObject))
    return algorithm.type === 'oct' && !(key instanceof KeyObject);
  if (!KEY_TYPES[algorithm.type].includes(key.asymmetricKeyType ?? '')) return false;
  return algorithm.type !== 'ec' || key.asymmetricKeyDetails?.namedCurve === algorithm.curve;
}

/** True if the signature verifies under this public key, or the MAC under this symmetric one. */
export function verifies({ algorithm, signed, signature }: Jwt, key: KeyObject | MacKey): boolean {
  if (!(key instanceof KeyObject))
    return algorithm.type === 'oct' && mac(algorithm.hash, key, signed)?.equals(signature) === true;
  const pss = algorithm.type === 'rsa' && algorithm.pss;
  const options = {
    key,
    dsaEncoding: 'ieee-p1363' as const,
    // RFC 7518, 3.5: the salt has the length of the hash.
    ...(pss && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  };
  try {
    return verify(
      'hash' in algorithm ? algorithm.hash : null,
      Buffer.from(signed, 'latin1'),
      options,
      signature,
    );
  } catch {
    return false;
  }
}
