import { Der, explicit, header, TAG } from './der.js';
import { readSpki } from './spki.js';

/**
 * Certificate (RFC 5280, 4.1): its length and the place of its SubjectPublicKeyInfo. No signature is checked.
 */

export interface CertificateRead {
  /** Length of the certificate in bytes. */
  length: number;
  /** Offsets into the bytes read from. */
  spki: { start: number; end: number };
}

/** Reads the certificate whose SEQUENCE is at `at` and that ends before `limit`. */
export function readCertificate(
  bytes: Uint8Array,
  at = 0,
  limit: number = bytes.length,
): CertificateRead | undefined {
  const outer = header(bytes, at, limit);
  if (outer?.tag !== TAG.sequence || outer.end > limit) return undefined;
  const certificate = new Der(bytes, at, outer.end).enter(TAG.sequence);
  const tbs = certificate?.enter(TAG.sequence);
  if (tbs?.peek() === explicit(0)) tbs.next();
  // serialNumber, signature, issuer, validity, subject.
  for (const tag of [TAG.integer, TAG.sequence, TAG.sequence, TAG.sequence, TAG.sequence]) tbs?.next(tag);
  const start = tbs?.at ?? 0;
  const key = tbs?.next(TAG.sequence);
  // signatureAlgorithm, signature.
  certificate?.next(TAG.sequence);
  certificate?.next(TAG.bitString);
  if (key === undefined || !certificate!.done || readSpki(bytes, start, key.end) === undefined)
    return undefined;
  return { length: outer.end - at, spki: { start, end: key.end } };
}
