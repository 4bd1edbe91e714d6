import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Der, TAG } from '../../core/asn1/der.js';
import { isPasswordScheme } from '../../core/asn1/oids.js';
import { canonicalSpki } from '../../core/asn1/spki.js';
import { readSshPublicKey } from '../../core/asn1/ssh-public.js';
import { requestAsCertificate } from '../../core/asn1/unsigned-certificate.js';
import { readUnsigned, signedPart } from '../../core/asn1/x509.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { OPENSSH_MAGIC, SshReader } from '../../core/base/crypto/ssh-wire.js';
import { definedFields } from '../../core/base/runtime/defined.js';

/** Keys and certificates in PEM, DER and the lines of OpenSSH. */

type JsonObject = Record<string, unknown>;

/** `holder`: the bytes of the key, if they contain its private half. */
export function keyEntry(key: KeyObject, label: string, holder?: Uint8Array): FileEntry {
  return {
    type: 'key',
    label,
    spki: canonicalSpki(publicHalf(key).export({ type: 'spki', format: 'der' })),
    ...definedFields({ holder: holder && new Secret(holder) }),
  };
}

const publicHalf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key);

/** The last common name of a subject, or all of it. */
function subjectOf(certificate: X509Certificate): string {
  const names = certificate.subject?.split('\n') ?? [];
  const common = names.filter((name) => name.startsWith('CN=')).at(-1);
  return common?.slice(3) ?? names.join(', ');
}

/**
 * PEM blocks (RFC 7468), anywhere in a text, with the headers of traditional PEM. JSON and `.env` files
 * escape their line ends as `\n`.
 */
export const PEM = new RegExp(
  String.raw`-----BEGIN ([A-Z0-9 ]+)-----(?:(?:\s|\\[nr])*(?:Proc-Type|DEK-Info): ?[\w,-]+)*` +
    String.raw`[A-Za-z0-9+/=\s]*(?:\\[nr][A-Za-z0-9+/=\s]*)*-----END \1-----`,
  'g',
);
/** The name of a field or variable in JSON, YAML or `.env`, right before its value. */
const FIELD = /([A-Za-z_][\w.-]*)["']?[ \t]*[:=][ \t]*(?:[|>][-+]?)?\s*["']?$/;
const LONGEST_FIELD = 200;

export function pemKeys(text: string, passwords: readonly Secret[] = []): FileEntry[] {
  return [...text.matchAll(PEM)].flatMap(({ 0: match, 1: type = '', index }) => {
    const block = match
      .replaceAll('\\n', '\n')
      .replaceAll('\\r', '')
      .replace(/^[ \t]+/gm, '');
    const field = FIELD.exec(text.slice(Math.max(0, index - LONGEST_FIELD), index))?.[1] ?? '';
    return pemKey(block, type, field, passwords) ?? [];
  });
}

function pemKey(
  block: string,
  type: string,
  field: string,
  passwords: readonly Secret[],
): FileEntry | undefined {
  if (type.endsWith('CERTIFICATE')) {
    const certificate = attempt(() => new X509Certificate(block));
    return certificate && keyEntry(certificate.publicKey, field || subjectOf(certificate));
  }
  if (isEncryptedPem(block, type)) {
    const open = decrypted({ key: block, format: 'pem' }, passwords);
    return open && keyEntry(open.key, field, open.holder.reveal());
  }
  const body = Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64');
  if (type.endsWith('CERTIFICATE REQUEST')) return requestEntry(body, field);
  const ssh = attempt(() => {
    const blob = opensshPublicBlob(body);
    return blob && sshPublicKey(blob);
  });
  const key = ssh ?? attempt(() => createPublicKey(block));
  const holder = type.includes('PRIVATE') ? Buffer.from(`${block}\n`, 'latin1') : undefined;
  return key && keyEntry(key, field, holder);
}

function requestEntry(der: Buffer, field: string): FileEntry | undefined {
  const request = requestKey(der);
  return request && keyEntry(request.key, field || (request.named ? subjectOf(request.named) : ''));
}

/** Lines of `id_*.pub`, `authorized_keys` and `known_hosts`: type, blob, comment. */
const SSH_LINE = /(?:^|[ \t])(?:ssh-|ecdsa-)\S+[ \t]+([A-Za-z0-9+/=]{40,})(?:[ \t]+(\S.*))?$/gm;

export function sshKeys(text: string): FileEntry[] {
  return [...text.matchAll(SSH_LINE)].flatMap(([, blob = '', comment = '']) => {
    const key = attempt(() => sshPublicKey(Buffer.from(blob, 'base64')));
    return key ? [keyEntry(key, comment.trim())] : [];
  });
}

/** A JSON Web Key (RFC 7517), public or private. */
export function jwkKey(jwk: JsonObject, label: string): FileEntry[] {
  if (jwk.kty === 'oct') {
    if (typeof jwk.k !== 'string') return [unreadJwk(label)];
    return [{ type: 'value', label, value: new Secret(Buffer.from(jwk.k, 'base64url')), setting: false }];
  }
  const key = attempt(() => createPublicKey({ key: jwk as { kty: string }, format: 'jwk' }));
  const holder = typeof jwk.d === 'string' ? Buffer.from(JSON.stringify(jwk), 'utf8') : undefined;
  return [key ? keyEntry(key, label, holder) : unreadJwk(label)];
}

const unreadJwk = (kid: string): FileEntry => ({
  type: 'unread',
  label: `the JWK ${kid === '' ? 'without a kid' : kid} (of an unknown type or damaged)`,
});

const DER_SEQUENCE = 0x30;

/** DER: SubjectPublicKeyInfo, PKCS#1, PKCS#8 (encrypted too), SEC1, a certificate or a request for one. */
export function derKeys(bytes: Buffer, passwords: readonly Secret[] = []): FileEntry[] {
  if (bytes[0] !== DER_SEQUENCE) return [];
  const request = requestEntry(bytes, '');
  if (request) return [request];
  if (isEncryptedDer(bytes)) {
    const open = decrypted({ key: bytes, format: 'der', type: 'pkcs8' }, passwords);
    return open ? [keyEntry(open.key, '', open.holder.reveal())] : [];
  }
  const der = { key: bytes, format: 'der' } as const;
  const certificate = attempt(() => new X509Certificate(bytes));
  if (certificate) return [keyEntry(certificate.publicKey, subjectOf(certificate))];
  for (const type of ['spki', 'pkcs1'] as const) {
    const key = attempt(() => createPublicKey({ ...der, type }));
    // OpenSSL also accepts a private PKCS#1 key as a public one.
    const holder = attempt(() => createPrivateKey({ ...der, type: 'pkcs1' })) ? bytes : undefined;
    if (key) return [keyEntry(key, '', holder)];
  }
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const key = attempt(() => createPublicKey(createPrivateKey({ ...der, type })));
    if (key) return [keyEntry(key, '', bytes)];
  }
  return [];
}

/** The key of a certificate request (RFC 2986) in DER, and the request as a certificate, for its subject. */
function requestKey(der: Buffer): { key: KeyObject; named: X509Certificate | undefined } | undefined {
  const info = signedPart(der);
  const read = info && readUnsigned(info);
  if (info === undefined || read?.form !== 'certificate-request') return undefined;
  const spki = Buffer.from(info.subarray(read.spki.start, read.spki.end));
  const key = attempt(() => createPublicKey({ key: spki, format: 'der', type: 'spki' }));
  const named = attempt(() => new X509Certificate(requestAsCertificate(info)!));
  return key && { key, named };
}

/** The public key in a blob of `id_*.pub`; undefined if cut or unknown. Throws if OpenSSL rejects it. */
export function sshPublicKey(blob: Uint8Array): KeyObject | undefined {
  const spki = readSshPublicKey(blob)?.spki;
  return spki && createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/**
 * The cleartext public key blob of an OpenSSH private key: after cipher, kdf, kdf options, number of keys.
 */
function opensshPublicBlob(bytes: Uint8Array): Uint8Array | undefined {
  if (!OPENSSH_MAGIC.equals(bytes.subarray(0, OPENSSH_MAGIC.length))) return undefined;
  const wire = new SshReader(bytes, OPENSSH_MAGIC.length);
  for (let skipped = 0; skipped < 3; skipped++) wire.string();
  wire.uint32();
  return wire.string();
}

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
interface DecryptedKey {
  key: KeyObject;
  holder: Secret;
}

type Input = { key: string; format: 'pem' } | { key: Buffer; format: 'der'; type: 'pkcs8' };

/** The key under the first password that fits; undefined if none does. */
function decrypted(input: Input, passwords: readonly Secret[]): DecryptedKey | undefined {
  for (const password of passwords) {
    const passphrase = Buffer.from(password.reveal());
    const key = attempt(() => createPrivateKey({ ...input, passphrase }));
    passphrase.fill(0);
    if (key === undefined) continue;
    return { key, holder: new Secret(key.export({ format: 'der', type: 'pkcs8' })) };
  }
  return undefined;
}

/** The result of `read`, or undefined if it throws: OpenSSL rejects input by throwing. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * An entry of a file of targets or allowed secrets. `label`: key id, subject, variable or comment.
 * `alsoNamed`: further labels of the same key or value in the file.
 */
export type FileEntry = { label: string; alsoNamed?: readonly string[] } & (
  | {
      type: 'key';
      /** DER SubjectPublicKeyInfo in canonical form. */
      spki: Uint8Array;
      /** The text or DER with the private half, if the file has it in the clear. */
      holder?: Secret;
    }
  | {
      type: 'value';
      value: Secret;
      /** The value looks like a setting rather than a secret: a word, a path, an address. */
      setting: boolean;
    }
  | {
      type: 'digest';
      /** Lower-case hex of SHA-256 over a SubjectPublicKeyInfo. */
      spkiSha256: string;
    }
  | {
      type: 'ssh-fingerprint';
      /** As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
      sshFingerprint: string;
    }
  | {
      /** An entry by its form that cannot be read. `label`: its kind and place. */
      type: 'unread';
      /** It is encrypted, and none of the passwords that were given fits. */
      isLocked?: true;
    }
);
