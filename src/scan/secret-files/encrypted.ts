import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Der, TAG } from '../../core/asn1/der.js';
import { isPasswordScheme } from '../../core/asn1/oids.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { attempt } from './attempt.js';

/** Private keys under a password: PKCS#8 (RFC 5958, 3) in PEM and DER, and OpenSSL's traditional PEM. */

/** Headers of traditional PEM (RFC 1421, 4.6). */
const ENCRYPTED_HEADER = /^(?:Proc-Type: *4,ENCRYPTED|DEK-Info:)/m;

export const isEncryptedPem = (block: string, label: string): boolean =>
  label.includes('PRIVATE KEY') && (label.startsWith('ENCRYPTED') || ENCRYPTED_HEADER.test(block));

/** True for an EncryptedPrivateKeyInfo. */
export function isEncryptedDer(bytes: Uint8Array): boolean {
  const scheme = new Der(bytes).enter(TAG.sequence)?.enter(TAG.sequence)?.oid();
  return scheme !== undefined && isPasswordScheme(scheme);
}

/** A key that was decrypted, and its PKCS#8 in PEM. */
export interface DecryptedKey {
  key: KeyObject;
  holder: Secret;
}

type Input = { key: string; format: 'pem' } | { key: Buffer; format: 'der'; type: 'pkcs8' };

/** The key under the first password that fits; undefined if none does. */
export function decrypted(input: Input, passwords: readonly Secret[]): DecryptedKey | undefined {
  for (const password of passwords) {
    const passphrase = Buffer.from(password.reveal());
    const key = attempt(() => createPrivateKey({ ...input, passphrase }));
    passphrase.fill(0);
    if (key === undefined) continue;
    return { key, holder: new Secret(key.export({ format: 'der', type: 'pkcs8' })) };
  }
  return undefined;
}
