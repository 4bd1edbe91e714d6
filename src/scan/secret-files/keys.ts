import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { canonicalSpki } from '../../core/asn1/spki.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { attempt } from './attempt.js';
import { decrypted, isEncryptedDer, isEncryptedPem } from './encrypted.js';
import { requestKey } from './requests.js';
import { opensshPublicBlob, sshPublicKey } from './ssh.js';
import type { FileEntry } from './types.js';

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
