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

/** BasicConstraints (RFC 5280, 4.2.1.9), as an extension begins: its OID. */
const BASIC_CONSTRAINTS = Buffer.of(TAG.oid, 3, 0x55, 0x1d, 0x13);
/** The start of its value with `cA` true, in an OCTET STRING; with `critical` before it or not. */
const IS_CA = /^(?:\x01\x01\xff)?\x04.\x30.\x01\x01\xff/s;
/** Octets that {@link IS_CA} needs. */
const IS_CA_OCTETS = 10;

/**
 * True for the certificate of an authority: its basicConstraints say so, or its subject is its issuer. `der`
 * is a whole certificate.
 */
export function isAuthority(der: Uint8Array): boolean {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  const at = bytes.indexOf(BASIC_CONSTRAINTS);
  const value = at + BASIC_CONSTRAINTS.length;
  if (at >= 0 && IS_CA.test(bytes.toString('latin1', value, value + IS_CA_OCTETS))) return true;
  const tbs = new Der(der).enter(TAG.sequence)?.enter(TAG.sequence);
  if (tbs?.peek() === explicit(0)) tbs.next();
  for (const tag of [TAG.integer, TAG.sequence]) tbs?.next(tag);
  const issuer = tbs?.contents(TAG.sequence);
  tbs?.next(TAG.sequence);
  const subject = tbs?.contents(TAG.sequence);
  return issuer !== undefined && subject !== undefined && Buffer.compare(issuer, subject) === 0;
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
