import { Der, header } from '../../core/asn1/der.js';
import { readRsaPublicKey, readRsaTail } from '../../core/asn1/pkcs1.js';
import { type KeyRead, readPrivateKey } from '../../core/asn1/private-key.js';
import { readSpki, spkiRsa } from '../../core/asn1/spki.js';
import { readCertificate, readUnsigned, signedPart } from '../../core/asn1/x509.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Base64Run } from '../core/base64-run.js';
import { type DetectedSecret, describeEncrypted, describeMaterial, describeRead } from '../core/candidate.js';
import type { OwnerClaim } from '../core/types.js';
import { describeOpenSsh, type OpenSshRead, readOpenSsh, readOpenSshTail } from '../ssh/openssh-key.js';
import type { Block } from './pem-block.js';

/** Contents of a PEM body or of bare base64. */

/** A finding without its place; `used`: bytes of the body that belong to it. */
export type Content = Omit<DetectedSecret, 'start' | 'end' | 'encoding' | 'wide'> & { used: number };

export interface PublicContent {
  spki: Uint8Array;
  certificate?: Uint8Array;
  claim?: Omit<OwnerClaim, 'offset'>;
  used: number;
}

/** Shortest remains that are reported, in bytes. */
const MIN_REMAINS = 24;
const NO_KEY_LEFT = 'truncated before the first private component';
const UNKNOWN = 'the content is not a known private key structure';

const fromRead = (read: KeyRead, bytes: Uint8Array): Content => ({
  ...describeRead(read, bytes),
  whole: read.whole,
  used: read.end,
});

const fromOpenSsh = (read: OpenSshRead): Content => ({
  ...describeOpenSsh(read),
  whole: read.whole,
  used: read.end,
});

/** The private key at the start of decoded bytes, whole or truncated. */
export function readKeyBytes(bytes: Uint8Array): Content | undefined {
  const read = readPrivateKey(bytes, 0) ?? readPrivateKey(bytes, 0, bytes.length, false);
  if (read !== undefined) return fromRead(read, bytes);
  const ssh = readOpenSsh(bytes);
  return ssh && fromOpenSsh(ssh);
}

/** OpenSSL's encryption headers (RFC 1421, 4.6): `Proc-Type: 4,ENCRYPTED` and `DEK-Info: cipher,IV`. */
const isEncrypted = (headers: readonly string[]): boolean =>
  headers.some(
    (line) => line.startsWith('DEK-Info:') || (line.startsWith('Proc-Type:') && line.includes('ENCRYPTED')),
  );

function encryptedBody({ label, run, closed }: Block): Content | undefined {
  const bytes = run.decode(0);
  if (bytes.length < MIN_REMAINS) return undefined;
  const title = `encrypted ${label.replace('PRIVATE KEY', 'private key')} (PEM)`;
  return { ...describeEncrypted(title, bytes), whole: closed, used: bytes.length };
}

function openPgp({ run, crc, closed }: Block): Content | undefined {
  const bytes = run.decode(0);
  const read = readOpenPgp(bytes);
  if (read === undefined) return undefined;
  const matches = crc === crc24(bytes);
  const whole = closed && read.whole && (crc === undefined || matches);
  return {
    kind: read.encrypted ? 'encrypted-key' : 'private-key',
    title: `${read.encrypted ? 'encrypted ' : ''}OpenPGP private key (${read.algorithm})`,
    secret: new Secret(bytes),
    ...definedFields({ severity: read.encrypted ? 'medium' : undefined }),
    evidence: matches ? ['CRC-24 of the armor matches'] : [],
    notes: crc === undefined || matches ? [] : ['CRC-24 of the armor does not match: truncated or damaged'],
    whole,
    used: bytes.length,
  };
}

/** A private block without a readable key; reported if its body starts like a DER structure. */
function remains({ label, run, closed }: Block): Content | undefined {
  const bytes = run.decode(0);
  const outer = header(bytes, 0, bytes.length);
  if (bytes.length < MIN_REMAINS || outer?.tag !== 0x30 || outer.end < MIN_REMAINS) return undefined;
  return {
    kind: label.includes('ENCRYPTED') ? 'encrypted-key' : 'private-key',
    title: `${label.replace('PRIVATE KEY', 'private key')} in PEM`.replace(/^private/, 'Private'),
    secret: new Secret(bytes),
    // Reported at a low severity: no known software accepts it as a key.
    severity: 'low',
    confidence: 'low',
    notes: [closed && outer.end <= bytes.length ? UNKNOWN : NO_KEY_LEFT],
    whole: false,
    used: bytes.length,
  };
}

/** The content of a block with a private label. */
export function readPrivateBlock(block: Block): Content | undefined {
  if (block.label.startsWith('PGP')) return openPgp(block);
  if (isEncrypted(block.headers)) return encryptedBody(block);
  return readKeyBytes(block.run.decode(0)) ?? remains(block);
}

const publicReaders: Readonly<Record<string, (bytes: Uint8Array) => PublicContent | undefined>> = {
  'PUBLIC KEY': (bytes) => {
    const read = readSpki(bytes);
    return read && { spki: bytes.subarray(0, read.length), used: read.length };
  },
  'RSA PUBLIC KEY': (bytes) => {
    const outer = header(bytes, 0, bytes.length);
    const read = outer && readRsaPublicKey(new Der(bytes, 0, outer.end));
    return read && { spki: spkiRsa(read.n, read.e), used: outer!.end };
  },
  CERTIFICATE: (bytes) => {
    const read = readCertificate(bytes);
    if (read === undefined) return undefined;
    const certificate = bytes.subarray(0, read.length);
    return { spki: bytes.subarray(read.spki.start, read.spki.end), certificate, used: read.length };
  },
  'CERTIFICATE REQUEST': (bytes) => {
    const outer = header(bytes, 0, bytes.length);
    const info = signedPart(bytes);
    const read = info && readUnsigned(info);
    if (read?.form !== 'certificate-request' || outer!.end > bytes.length) return undefined;
    const spki = info!.subarray(read.spki.start, read.spki.end);
    return { spki, claim: { form: read.form, der: new Uint8Array(info!) }, used: outer!.end };
  },
};

/** OpenSSL's other labels: PEM_STRING_X509_OLD, PEM_STRING_X509_TRUSTED, PEM_STRING_X509_REQ_OLD. */
const ALIASES: Readonly<Record<string, string>> = {
  'X509 CERTIFICATE': 'CERTIFICATE',
  'TRUSTED CERTIFICATE': 'CERTIFICATE',
  'NEW CERTIFICATE REQUEST': 'CERTIFICATE REQUEST',
};

/** The content of a block with a public label; undefined for other labels and if it is truncated. */
export function readPublicBlock({ label, run }: Block): PublicContent | undefined {
  return publicReaders[ALIASES[label] ?? label]?.(run.decode(0));
}

/** The end of a body whose front is lost; `first`: character of the run where the key or its rest starts. */
export function readTail(run: Base64Run): (Content & { first: number }) | undefined {
  // Groups of four characters are aligned at the end: unrelated base64 may precede the body.
  const phase = (run.length + run.padding) % 4;
  const bytes = run.decode(phase);
  const at = (offset: number) => phase + Math.floor((offset * 4) / 3);
  // If only the BEGIN line is lost, the key is whole.
  for (let start = 0; start < bytes.length; start += 3) {
    const read =
      bytes[start] === 0x30 || bytes[start] === 0x6f ? readKeyBytes(bytes.subarray(start)) : undefined;
    if (read?.whole) return { ...read, first: at(start) };
  }
  const rsa = readRsaTail(bytes);
  if (rsa !== undefined) {
    const used = bytes.length - rsa.start;
    return { ...describeMaterial(rsa.material, false), whole: false, used, first: at(rsa.start) };
  }
  const ssh = readOpenSshTail(bytes);
  return ssh && { ...fromOpenSsh(ssh), used: bytes.length - ssh.start, first: at(ssh.start) };
}

/** The first packet of an armored OpenPGP secret key (RFC 9580, 10.2): algorithm and encryption. */

interface OpenPgpRead {
  algorithm: string;
  encrypted: boolean;
  /** The bytes have the whole packet. */
  whole: boolean;
}

/** Public-key algorithms (RFC 9580, 9.1): name, and the public fields before the secret ones. */
const ALGORITHMS: ReadonlyMap<number, { name: string; fields: readonly Field[] }> = new Map([
  [1, { name: 'RSA', fields: ['mpi', 'mpi'] }],
  [2, { name: 'RSA', fields: ['mpi', 'mpi'] }],
  [3, { name: 'RSA', fields: ['mpi', 'mpi'] }],
  [16, { name: 'ElGamal', fields: ['mpi', 'mpi', 'mpi'] }],
  [17, { name: 'DSA', fields: ['mpi', 'mpi', 'mpi', 'mpi'] }],
  [18, { name: 'ECDH', fields: ['counted', 'mpi', 'counted'] }],
  [19, { name: 'ECDSA', fields: ['counted', 'mpi'] }],
  [22, { name: 'EdDSA', fields: ['counted', 'mpi'] }],
  [25, { name: 'X25519', fields: [32] }],
  [26, { name: 'X448', fields: [56] }],
  [27, { name: 'Ed25519', fields: [32] }],
  [28, { name: 'Ed448', fields: [57] }],
]);

/** A multiprecision integer (3.2); a length octet and that many octets; a fixed number of octets. */
type Field = 'mpi' | 'counted' | number;

const SECRET_KEY = 5;
const SECRET_SUBKEY = 7;

/** Packet header at 0 (RFC 9580, 4.2): its tag and the bounds of its body. */
function packet(bytes: Uint8Array): { tag: number; start: number; end: number } | undefined {
  const [first = 0, one = 0, two = 0, three = 0, four = 0, five = 0] = bytes;
  if ((first & 0x80) === 0) return undefined;
  const four32 = (a: number, b: number, c: number, d: number) => a * 2 ** 24 + b * 65536 + c * 256 + d;
  if ((first & 0x40) !== 0) {
    const tag = first & 0x3f;
    if (one < 192) return { tag, start: 2, end: 2 + one };
    if (one < 224) return { tag, start: 3, end: 3 + ((one - 192) << 8) + two + 192 };
    return one === 255 ? { tag, start: 6, end: 6 + four32(two, three, four, five) } : undefined;
  }
  const tag = (first >> 2) & 0xf;
  const legacy = [
    { start: 2, length: one },
    { start: 3, length: one * 256 + two },
    { start: 5, length: four32(one, two, three, four) },
  ][first & 3];
  return legacy && { tag, start: legacy.start, end: legacy.start + legacy.length };
}

/** Reads the Secret-Key packet (RFC 9580, 5.5.3) at the start of `bytes`; undefined without a secret. */
function readOpenPgp(bytes: Uint8Array): OpenPgpRead | undefined {
  const found = packet(bytes);
  if (found === undefined || (found.tag !== SECRET_KEY && found.tag !== SECRET_SUBKEY)) return undefined;
  const { start, end } = found;
  const version = bytes[start];
  if (version !== 4 && version !== 5 && version !== 6) return undefined;
  const algorithm = ALGORITHMS.get(bytes[start + 5] ?? -1);
  if (algorithm === undefined) return undefined;
  // Versions 5 and 6 have a length of the public fields here.
  let at = start + (version === 4 ? 6 : 10);
  for (const field of algorithm.fields) at = skipField(bytes, at, field);
  const usage = bytes[at];
  if (usage === undefined) return undefined;
  // GnuPG's S2K mode 101, "gnu-dummy" (doc/DETAILS): the secret is on a card or offline.
  const dummy = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(16, bytes.length - at)).includes(
    'GNU',
  );
  if (dummy) return undefined;
  return { algorithm: algorithm.name, encrypted: usage !== 0, whole: end <= bytes.length };
}

function skipField(bytes: Uint8Array, at: number, field: Field): number {
  if (field === 'mpi') return at + 2 + Math.ceil(((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)) / 8);
  return field === 'counted' ? at + 1 + (bytes[at] ?? 0) : at + field;
}

/** CRC-24 of an armored block's bytes (RFC 9580, 6.1.1). */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let i = 0; i < 8; i++) crc = (crc & 0x800000) === 0 ? crc << 1 : (crc << 1) ^ 0x1864cfb;
  }
  return crc & 0xffffff;
}
