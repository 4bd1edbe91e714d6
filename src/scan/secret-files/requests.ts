import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { requestAsCertificate } from '../../core/asn1/unsigned-certificate.js';
import { readUnsigned, signedPart } from '../../core/asn1/x509.js';
import { attempt } from './attempt.js';

/** The key of a certificate request (RFC 2986) in DER, and the request as a certificate, for its subject. */
export function requestKey(der: Buffer): { key: KeyObject; named: X509Certificate | undefined } | undefined {
  const info = signedPart(der);
  const read = info && readUnsigned(info);
  if (info === undefined || read?.form !== 'certificate-request') return undefined;
  const spki = Buffer.from(info.subarray(read.spki.start, read.spki.end));
  const key = attempt(() => createPublicKey({ key: spki, format: 'der', type: 'spki' }));
  const named = attempt(() => new X509Certificate(requestAsCertificate(info)!));
  return key && { key, named };
}
