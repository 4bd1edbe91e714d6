import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { canonicalSpki } from '../asn1/spki.js';
import { DumpsieveError } from '../errors.js';
import { Secret } from '../secret.js';
import { identifySecret, publicKeyFingerprint, slowFingerprint } from './fingerprint.js';
import { opensshPublicBlob, sshPublicKey } from './ssh.js';

/** An allow list is a few keys: what lies beyond so many bytes is not read. */
const LARGEST = 16 * 2 ** 20;
/** Values of one file: a guessable one costs 40 ms. */
const VALUES = 1_000;
/** Shorter values of an `.env` are settings, not secrets. In characters. */
const SHORTEST = 8;
/** A Secret in a list in a file: deeper is no Kubernetes manifest. */
const DEEPEST = 4;

/** SHA-256 over the SPKI in canonical form. */
function ofKey(key: KeyObject): string {
  // A JWK knows no explicit parameters: through it a curve that is given by them has its name again.
  const named = (): KeyObject => createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' });
  const spki = (attempt(named) ?? key).export({ type: 'spki', format: 'der' });
  return publicKeyFingerprint(canonicalSpki(spki));
}

function ofValue(bytes: Uint8Array): string {
  const identity = identifySecret(new Secret(bytes));
  return identity.fingerprint ?? slowFingerprint(identity.guessable);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

type JsonObject = Record<string, unknown>;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** PEM blocks (RFC 7468), anywhere in a text; JSON and `.env` files have `\n` for their line ends. */
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----(?:[A-Za-z0-9+/=\s]|\\n)+-----END \1-----/g;

function fromPem(text: string): string[] {
  const blocks = (text.match(PEM) ?? []).map((block) => block.replaceAll('\\n', '\n'));
  return blocks.flatMap((block) => {
    const body = Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64');
    const ssh = attempt(() => {
      const blob = opensshPublicBlob(body);
      return blob && sshPublicKey(blob);
    });
    const key = ssh ?? attempt(() => createPublicKey(block));
    return key ? [ofKey(key)] : [];
  });
}

/** Lines of `id_*.pub`, `authorized_keys` and `known_hosts`. */
function fromSshLines(text: string): string[] {
  const blobs = [...text.matchAll(/(?:^|\s)(?:ssh-|ecdsa-)\S+[ \t]+([A-Za-z0-9+/=]{40,})/gm)];
  return blobs.flatMap(([, blob = '']) => {
    const key = attempt(() => sshPublicKey(Buffer.from(blob, 'base64')));
    return key ? [ofKey(key)] : [];
  });
}

function fromJwk(jwk: JsonObject): string[] {
  if (jwk.kty === 'oct' && typeof jwk.k === 'string') return [ofValue(Buffer.from(jwk.k, 'base64url'))];
  const key = attempt(() => createPublicKey({ key: jwk as { kty: string }, format: 'jwk' }));
  return key ? [ofKey(key)] : [];
}

function fromSecret(manifest: JsonObject): string[] {
  const entries = (field: unknown): string[] =>
    isObject(field) ? Object.values(field).filter((value) => typeof value === 'string') : [];
  const decoded = entries(manifest.data).map((value) => Buffer.from(value, 'base64'));
  const plain = entries(manifest.stringData).map((value) => Buffer.from(value, 'utf8'));
  return [...decoded, ...plain].slice(0, VALUES).flatMap((value) => {
    const keys = fromPem(value.toString('utf8'));
    return keys.length > 0 ? keys : ofLongValue(value);
  });
}

const ofLongValue = (value: Buffer): string[] => (value.length < SHORTEST ? [] : [ofValue(value)]);

/** JWK, JWKS (RFC 7517), a Kubernetes Secret or a list of them, as parsed JSON or YAML. */
function fromObject(value: unknown, depth = 0): string[] {
  if (depth > DEEPEST || !isObject(value)) return [];
  if (Array.isArray(value)) return value.flatMap((each) => fromObject(each, depth + 1));
  if (typeof value.kty === 'string') return fromJwk(value);
  if (value.kind === 'Secret') return fromSecret(value);
  return [value.keys, value.items].flatMap((list) => fromObject(list, depth + 1));
}

const DER_SEQUENCE = 0x30;

/** DER: SubjectPublicKeyInfo, PKCS#1, PKCS#8, SEC1 or a certificate. */
function fromDer(bytes: Buffer): string[] {
  const der = { key: bytes, format: 'der' } as const;
  const readers: (() => KeyObject)[] = [
    () => new X509Certificate(bytes).publicKey,
    ...(['spki', 'pkcs1'] as const).map((type) => () => createPublicKey({ ...der, type })),
    ...(['pkcs8', 'pkcs1', 'sec1'] as const).map(
      (type) => () => createPublicKey(createPrivateKey({ ...der, type })),
    ),
  ];
  for (const read of readers) {
    const key = attempt(read);
    if (key) return [ofKey(key)];
  }
  return [];
}

/** Lines `NAME=value`, with or without `export` and quotes. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#]*))/gm;

function fromEnv(text: string): string[] {
  const lines = [...text.replace(PEM, '').matchAll(ASSIGNMENT)];
  return lines
    .slice(0, VALUES)
    .flatMap(([, double, single, bare]) => ofLongValue(Buffer.from(double ?? single ?? bare ?? '', 'utf8')));
}

async function parsed(text: string): Promise<unknown[]> {
  const object = attempt(() => JSON.parse(text) as unknown);
  if (object !== undefined) return [object];
  if (!/^kind:\s*["']?(Secret|List)\b/m.test(text)) return [];
  const { parseAllDocuments } = await import('yaml');
  return [...parseAllDocuments(text)].flatMap(
    (document) => attempt(() => document.toJS({ maxAliasCount: 100 }) as unknown) ?? [],
  );
}

async function fromText(text: string): Promise<string[]> {
  if (text.includes('\0')) return [];
  const objects = await parsed(text);
  return [
    ...fromPem(text),
    ...fromSshLines(text),
    ...objects.flatMap((object) => fromObject(object)),
    ...(objects.length === 0 ? fromEnv(text) : []),
  ];
}

/** One line end, as `echo` and editors leave it behind: no part of a token. */
const LINE_END = /\r?\n$/;

/** A token's own text in bytes; bytes that are no text stay as they are. */
function ofToken(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const binary = text.includes('\ufffd') || text.includes('\0');
  return ofValue(binary ? bytes : Buffer.from(text.replace(LINE_END, ''), 'utf8'));
}

/**
 * The fingerprints of one secret: of each key in it (certificate, public or private key in DER, PEM, OpenSSH, JWK or JWKS),
 * else of all of it as a token, without the line end behind it.
 */
export function secretFingerprints(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  const keys = [
    ...(buffer[0] === DER_SEQUENCE ? fromDer(buffer) : []),
    ...fromPem(text),
    ...fromSshLines(text),
    ...fromObject(attempt(() => JSON.parse(text) as unknown)),
  ];
  return keys.length > 0 ? [...new Set(keys)] : [ofToken(buffer)];
}

/**
 * The fingerprints of the keys and tokens in a file that its owner knows: certificate, public or private key (PEM, DER,
 * OpenSSH), JWK, JWKS, Kubernetes Secret, `.env`. Throws `known-secrets-unreadable` (exit 3) where nothing is recognised.
 */
export async function knownFingerprints(bytes: Uint8Array, source: string): Promise<Set<string>> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LARGEST));
  const found = new Set(buffer[0] === DER_SEQUENCE ? fromDer(buffer) : []);
  if (found.size === 0) for (const print of await fromText(buffer.toString('utf8'))) found.add(print);
  if (found.size > 0) return found;
  throw new DumpsieveError({
    code: 'known-secrets-unreadable',
    message: `${source} holds no key or token that can be recognised`,
    hint: 'give a certificate, a public or private key (PEM, DER, OpenSSH), a JWK or JWKS, a Kubernetes Secret or an .env file of at most 16 MiB',
  });
}
