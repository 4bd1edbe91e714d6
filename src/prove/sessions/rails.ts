import { createDecipheriv } from 'node:crypto';
import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal, pbkdf2Derived } from './derivations.js';
import { unescaped } from './spelling.js';
import type { Derivation, SessionReader, SessionTrial } from './types.js';

/** MessageVerifier: base64 and the signature in hexadecimal. */
const SIGNED = /^([0-9A-Za-z+/=]+)--([0-9a-f]{40}|[0-9a-f]{64})$/;
/** MessageEncryptor with AES-256-GCM: ciphertext, nonce and tag in base64. */
const ENCRYPTED = /^([0-9A-Za-z+/]+={0,2})--([0-9A-Za-z+/]{16})--([0-9A-Za-z+/]{22}==)$/;

/** Hashes of the key generator: SHA-256 since Rails 7.0. */
const GENERATORS = ['sha256', 'sha1'];

/** The salts of Rails; the key of the older encrypted cookies signs their ciphertext. */
const SALTS = ['signed cookie', 'signed encrypted cookie', 'ActiveStorage', 'active_record/signed_id'];

const SIGNING_KEYS: readonly Derivation[] = [
  // `secret_token` of Rails 3 and `secret` of Rack::Session::Cookie sign without a derivation.
  direct(),
  ...SALTS.flatMap((salt) => GENERATORS.map((hash) => pbkdf2Derived(hash, salt, 64))),
];

const ENCRYPTING_KEYS: readonly Derivation[] = GENERATORS.map((hash) =>
  pbkdf2Derived(hash, 'authenticated encrypted cookie', 32),
);

export const railsSigned: SessionReader = (text) => {
  const [, signed, signature] = SIGNED.exec(unescaped(text)) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'hex');
  const hash = expected.length === 20 ? 'sha1' : 'sha256';
  const verify = (key: Uint8Array) => equal(hmac(hash, key, signed), expected);
  return {
    name: 'Rails cookie',
    verb: 'signed',
    trials: SIGNING_KEYS.map((derivation) => ({ derivation, verify })),
  };
};

export const railsEncrypted: SessionReader = (text) => {
  const [, ...parts] = ENCRYPTED.exec(unescaped(text)) ?? [];
  const [ciphertext, nonce, tag] = parts.map((part) => Buffer.from(part, 'base64'));
  if (ciphertext === undefined || nonce === undefined || tag === undefined) return undefined;
  const verify = (key: Uint8Array) => opensGcm({ key, nonce, ciphertext, tag });
  const trials: SessionTrial[] = ENCRYPTING_KEYS.map((derivation) => ({ derivation, verify }));
  return { name: 'Rails cookie', verb: 'encrypted', trials };
};

interface Gcm {
  key: Uint8Array;
  nonce: Uint8Array;
  ciphertext: Uint8Array;
  tag: Uint8Array;
  associated?: Uint8Array;
}

/** True if AES-GCM opens the ciphertext under this key of 16 or 32 bytes. */
export function opensGcm({ key, nonce, ciphertext, tag, associated }: Gcm): boolean {
  // Shorter tags would be easier to hit by chance.
  if (tag.length !== 16 || nonce.length < 12 || nonce.length > 16) return false;
  try {
    const cipher = createDecipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce);
    if (associated) cipher.setAAD(associated);
    cipher.setAuthTag(tag);
    cipher.update(ciphertext);
    cipher.final();
    return true;
  } catch {
    return false;
  }
}
