import { X509Certificate } from 'node:crypto';
import { requestAsCertificate, unsignedCertificate } from '../../core/asn1/unsigned-certificate.js';
import type { CertificateFacts } from '../../core/model/report.js';
import type { OwnerClaim } from '../../detect/core/types.js';

/**
 * Upper bounds on text of a certificate, which may be forged: length of a name, number of alternative names.
 */
const MOST = { characters: 512, names: 100 };

function clip(text: string): string {
  return text.length > MOST.characters ? `${text.slice(0, MOST.characters)}…` : text;
}

/** A distinguished name on one line, in the order of the certificate: `C=…, O=…, CN=…`. */
function oneLine(name: string): string {
  return clip(name.split('\n').filter(Boolean).join(', '));
}

/** Splits `DNS:a, IP Address:b`. Node quotes a value with a comma, so only commas outside quotes separate. */
function alternativeNames(names: string | undefined): string[] {
  const found = names?.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return found.slice(0, MOST.names).map((name) => clip(name.trim()));
}

function isoDate(date: string): string {
  const time = Date.parse(date);
  return Number.isNaN(time) ? clip(date) : new Date(time).toISOString();
}

/**
 * Subject, issuer and validity of a certificate; undefined if OpenSSL rejects it. All text is the dump's own.
 */
export function certificateFacts(der: Uint8Array, offset: number): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(der);
    return {
      subject: oneLine(certificate.subject ?? ''),
      san: alternativeNames(certificate.subjectAltName),
      issuer: oneLine(certificate.issuer ?? ''),
      serial: certificate.serialNumber,
      notAfter: isoDate(certificate.validTo),
      offset,
      signed: true,
      form: 'certificate',
    };
  } catch {
    return undefined;
  }
}

/** What each form says: a request has no issuer, no number and no end. */
const UNSIGNED: {
  [F in OwnerClaim['form']]: { wrap: (der: Uint8Array) => Uint8Array | undefined; own: object };
} = {
  'tbs-certificate': { wrap: unsignedCertificate, own: {} },
  'certificate-request': { wrap: requestAsCertificate, own: { issuer: '', serial: '', notAfter: '' } },
};

/** Facts of a structure without a signature, which OpenSSL reads inside a certificate with an empty one. */
export function claimFacts({ form, der, offset }: OwnerClaim): CertificateFacts | undefined {
  const { wrap, own } = UNSIGNED[form];
  const whole = wrap(der);
  const facts = whole && certificateFacts(whole, offset);
  return facts && { ...facts, ...own, signed: false, form };
}
