import { randomBytes } from 'node:crypto';

/** A DER encoder of its own: it shares no code with the parser that it tests. */

/** One element: its length in the shortest form. */
export function tlv(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 128) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const hex = body.length.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | octets.length), octets, body]);
}

export const seq = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts);
const text = (tag: number, value: string): Buffer => tlv(tag, Buffer.from(value, 'utf8'));

/** Attribute types of a name. */
const TYPES = { CN: '550403', O: '55040a' } as const;

export const name = (parts: Partial<Record<keyof typeof TYPES, string>>): Buffer =>
  seq(
    ...Object.entries(parts).map(([type, value]) =>
      tlv(0x31, seq(tlv(6, Buffer.from(TYPES[type as keyof typeof TYPES], 'hex')), text(0x0c, value))),
    ),
  );

/** subjectAltName with DNS names, in an Extensions. */
const extensions = (names: readonly string[]): Buffer =>
  seq(seq(tlv(6, Buffer.from('551d11', 'hex')), tlv(4, seq(...names.map((each) => text(0x82, each))))));

const ECDSA = seq(tlv(6, Buffer.from('2a8648ce3d040302', 'hex')));

export interface CertificateParts {
  spki: Uint8Array;
  subject?: Buffer;
  issuer?: Buffer;
  version?: 1 | 2 | 3;
  san?: readonly string[];
  /** GeneralizedTime in place of UTCTime. */
  isLate?: boolean;
  isUnique?: boolean;
}

/** TBSCertificate (RFC 5280, 4.1). */
export function tbsCertificate({
  spki,
  subject = name({ CN: 'api.acme.example' }),
  issuer = name({ O: 'Acme', CN: 'Acme CA' }),
  version = 3,
  san = ['api.acme.example', 'www.acme.example'],
  isLate = false,
  isUnique = false,
}: CertificateParts): Buffer {
  const until = isLate ? text(0x18, '20601231235959Z') : text(0x17, '391231235959Z');
  return seq(
    ...(version > 1 ? [tlv(0xa0, tlv(2, Buffer.of(version - 1)))] : []),
    tlv(2, Buffer.of(0x0b, 0xad, 0xca, 0xfe)),
    ECDSA,
    issuer,
    seq(text(0x17, '260101000000Z'), until),
    subject,
    spki,
    ...(isUnique ? [tlv(0x81, Buffer.of(0, 1)), tlv(0x82, Buffer.of(0, 2))] : []),
    ...(version === 3 ? [tlv(0xa3, extensions(san))] : []),
  );
}

/** CertificationRequestInfo (RFC 2986, 4.1). */
export function requestInfo({
  spki,
  subject = name({ CN: 'api.acme.example' }),
  san = [],
}: CertificateParts) {
  const requested = seq(tlv(6, Buffer.from('2a864886f70d01090e', 'hex')), tlv(0x31, extensions(san)));
  return seq(tlv(2, Buffer.of(0)), subject, spki, tlv(0xa0, ...(san.length > 0 ? [requested] : [])));
}

/** The structure with a signature, which verifies under no key. */
export const signed = (inner: Uint8Array): Buffer => seq(inner, ECDSA, tlv(3, Buffer.of(0), randomBytes(64)));
