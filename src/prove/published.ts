import { sha256Hex } from '../asn1/spki.js';
import { PUBLISHED_KEYS, PUBLISHED_SYMMETRIC_KEYS } from './published-list.js';

/** Where the key with this canonical SubjectPublicKeyInfo was published, if it is a known test key. */
export function publishedKey(canonicalSpki: Uint8Array): string | undefined {
  return PUBLISHED_KEYS.get(sha256Hex(canonicalSpki));
}

/** Where the symmetric key was published, if it is a known test key. */
export function publishedSymmetricKey(k: Uint8Array): string | undefined {
  return PUBLISHED_SYMMETRIC_KEYS.get(sha256Hex(k));
}
