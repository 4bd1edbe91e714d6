import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../model/report.js';

/** Longest name and most alternative names that are told: a certificate in a dump may be anyone's invention. */
const MOST = { characters: 512, names: 100 };

function clip(text: string): string {
  return text.length > MOST.characters ? `${text.slice(0, MOST.characters)}…` : text;
}

/** A distinguished name on one line, most significant part first as the certificate has it: `C=…, O=…, CN=…`. */
function oneLine(name: string): string {
  return clip(name.split('\n').filter(Boolean).join(', '));
}

/** `DNS:a, IP Address:b` as a list. Node quotes a value that holds a comma, so that only commas outside quotes divide. */
function alternativeNames(names: string | undefined): string[] {
  const found = names?.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return found.slice(0, MOST.names).map((name) => clip(name.trim()));
}

function isoDate(date: string): string {
  const time = Date.parse(date);
  return Number.isNaN(time) ? clip(date) : new Date(time).toISOString();
}

/** What a certificate says of its owner, or undefined where OpenSSL does not take it. All text is the dump's own. */
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
    };
  } catch {
    return undefined;
  }
}
