import type { CertificateFacts } from '../model/report.js';
import { Der, explicit, header, implicit, TAG } from './der.js';
import { readSpki } from './spki.js';

/**
 * Structures with a public key and its owner's name: Certificate and TBSCertificate (RFC 5280, 4.1),
 * CertificationRequestInfo (RFC 2986, 4.1). No signature is checked.
 */

/** Offsets into the bytes read from. */
interface Place {
  start: number;
  end: number;
}

export interface CertificateRead {
  /** Length of the certificate in bytes. */
  length: number;
  spki: Place;
}

/** What names a key without a signature over it. */
export type UnsignedForm = Exclude<CertificateFacts['form'], 'certificate'>;

export interface UnsignedRead extends CertificateRead {
  form: UnsignedForm;
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

/** UTCTime and GeneralizedTime (X.680, 46 and 47). */
const TIMES: readonly number[] = [0x17, 0x18];
/** Cap on the parts of a name. Real ones have up to 15. */
const MOST_NAMES = 32;

/** True for a Name: a SEQUENCE of SETs, or an empty one. */
function isName(name: Der | undefined): boolean {
  for (let count = 0; count < MOST_NAMES && name?.peek() === TAG.set; count++) name.next();
  return name?.done === true;
}

function isValidity(validity: Der | undefined): boolean {
  for (let count = 0; count < 2 && TIMES.includes(validity?.peek() ?? -1); count++) validity!.next();
  return validity?.done === true;
}

/** `version` [0] of a TBSCertificate: v1 to v3, without its tag and length. */
const isVersion = (version: Uint8Array | undefined): boolean =>
  version?.length === 3 && version[0] === TAG.integer && version[1] === 1 && version[2]! <= 2;

/** issuerUniqueID, subjectUniqueID, extensions of a TBSCertificate: each optional, in this order. */
const AFTER_KEY = [implicit(1), implicit(2), explicit(3)] as const;

/**
 * Reads the TBSCertificate or CertificationRequestInfo at `at`, which ends before `limit`. All of it is
 * checked, because nothing else shows that it is one.
 */
export function readUnsigned(
  bytes: Uint8Array,
  at = 0,
  limit: number = bytes.length,
): UnsignedRead | undefined {
  const outer = new Der(bytes, at, limit);
  const body = outer.enter(TAG.sequence);
  if (body === undefined) return undefined;
  const isVersioned = body.peek() === explicit(0);
  if (isVersioned && !isVersion(body.contents(explicit(0)))) return undefined;
  const serial = body.contents(TAG.integer);
  // The signature's algorithm of a certificate, the subject of a request.
  const first = body.enter(TAG.sequence);
  const form = first?.peek() === TAG.oid ? 'tbs-certificate' : 'certificate-request';
  const isNamed =
    form === 'tbs-certificate'
      ? isName(body.enter(TAG.sequence)) &&
        isValidity(body.enter(TAG.sequence)) &&
        isName(body.enter(TAG.sequence))
      : !isVersioned && serial?.length === 1 && serial[0] === 0 && isName(first);
  const start = body.at;
  const key = isNamed ? body.next(TAG.sequence) : undefined;
  if (key === undefined || readSpki(bytes, start, key.end) === undefined) return undefined;
  // The attributes of a request are not optional.
  if (form === 'certificate-request') body.next(explicit(0));
  else for (const tag of AFTER_KEY) if (body.peek() === tag) body.next();
  return body.done ? { form, length: outer.at - at, spki: { start, end: key.end } } : undefined;
}

/** The part of a certificate or request that is signed, as a view; undefined if `der` is neither. */
export function signedPart(der: Uint8Array): Uint8Array | undefined {
  const inner = new Der(der).enter(TAG.sequence)?.next(TAG.sequence);
  return inner && der.subarray(inner.at, inner.end);
}
