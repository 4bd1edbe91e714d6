import { createHash, createHmac } from 'node:crypto';
import { curveBySsh } from '../../core/asn1/curves.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { SshReader, sshString } from '../../core/base/crypto/ssh-wire.js';
import { Base64Run } from '../core/base64-run.js';
import { type Characters, isLineEnd } from '../core/characters.js';
import { mpints, type SshMaterial, sshAlgorithm, sshDsa, sshEc, sshRsa } from '../ssh/ssh-material.js';

/** PuTTY's private key files (PPK), versions 2 and 3 (PuTTY manual, appendix C). */

export const PUTTY_MAGIC = 'PuTTY-User-Key-File-';

export interface PuttyRead {
  /** Text index after the last line read. */
  stop: number;
  whole: boolean;
  algorithm: string;
  material?: SshMaterial;
  /** Only of an encrypted key. */
  ciphertext?: Uint8Array;
  evidence: string[];
  notes: string[];
  comment?: string | undefined;
}

type Reader = (pub: SshReader, secret: SshReader, type: string) => SshMaterial | undefined;

/** Readers by key type, of the public blob after its type name and of the private blob. */
const readers: Readonly<Record<string, Reader>> = {
  'ssh-rsa': (pub, secret) => {
    const [[e, n], [d, p, q, qinv]] = [mpints(pub, 2), mpints(secret, 4)];
    return n === undefined || d === undefined ? undefined : sshRsa({ n, e, d, p, q, qinv });
  },
  'ssh-dss': (pub, secret) => sshDsa([...mpints(pub, 4), secret.mpint()]),
  'ssh-ed25519': (pub, secret) => {
    // The seed is a little-endian number and may lack its zero octets at the end.
    const [point, number] = [pub.string(), secret.string()];
    if (point?.length !== 32 || number === undefined || number.length > 32) return undefined;
    const seed = new Uint8Array(32);
    seed.set(number);
    return { type: 'okp', curve: 'Ed25519', seed: new Secret(seed), public: Uint8Array.from(point) };
  },
};

const ecdsa: Reader = (pub, secret, type) => {
  const [id, point, d] = [pub.name(), pub.string(), secret.mpint()];
  const curve = curveBySsh(id ?? '');
  return curve && type === `ecdsa-sha2-${id}` ? sshEc(curve, point, d) : undefined;
};

/** The `Name: value` line at `at`, of at most 240 characters. */
function readField(text: Characters, at: number): { name: string; value: string; next: number } | undefined {
  let line = '';
  let next = at;
  for (let code = text.read(next); !isLineEnd(code); code = text.read(next)) {
    if (code < 0x20 || line.length > 240) return undefined;
    line += String.fromCharCode(code);
    next = text.next;
  }
  const match = /^([A-Za-z0-9-]+): ?(.*)$/.exec(line);
  return match === null ? undefined : { name: match[1]!, value: match[2]!, next: text.skipLineEnds(next) };
}

/**
 * Reads `count` lines of base64. They are counted, because the name of the next field would be base64 too.
 */
function readLines(
  text: Characters,
  at: number,
  count: number,
): { bytes: Uint8Array; next: number; whole: boolean } {
  let next = at;
  let seen = 0;
  let inside = false;
  while (seen < count && next < text.length) {
    const code = text.read(next);
    const ends = isLineEnd(code);
    if (code < 0x20 && !ends) break;
    if (ends && inside) seen++;
    inside = !ends;
    if (seen < count) next = text.next;
  }
  const bytes = new Base64Run(text, at, next).decode(0);
  return { bytes, next: text.skipLineEnds(next), whole: seen === count };
}

/** Reads the file whose first line is at `at`. */
export function readPutty(text: Characters, at: number): PuttyRead | undefined {
  const fields = new Map<string, string>();
  const blobs = new Map<string, Uint8Array>();
  let stop = at;
  let whole = false;
  for (let i = 0; i < 16; i++) {
    const field = readField(text, stop);
    if (field === undefined) break;
    fields.set(
      i === 0 ? 'version' : field.name,
      i === 0 ? field.name.slice(PUTTY_MAGIC.length) : field.value,
    );
    if (i === 0) fields.set('type', field.value);
    stop = field.next;
    whole = field.name === 'Private-MAC';
    if (whole) break;
    const count = /^(Public|Private)-Lines$/.test(field.name) ? Number(field.value) : 0;
    if (!(count > 0 && count < 1000)) continue;
    const lines = readLines(text, stop, count);
    blobs.set(field.name, lines.bytes);
    stop = lines.next;
    if (!lines.whole) break;
  }
  const [type, pub, secret] = [fields.get('type'), blobs.get('Public-Lines'), blobs.get('Private-Lines')];
  if (type === undefined || pub === undefined || secret === undefined || secret.length < 16) return undefined;
  const base = { stop, whole, algorithm: sshAlgorithm(type) };
  if (fields.get('Encryption') !== 'none') return { ...base, ciphertext: secret, evidence: [], notes: [] };
  const wire = new SshReader(pub);
  const material =
    wire.name() === type ? (readers[type] ?? ecdsa)(wire, new SshReader(secret), type) : undefined;
  if (material === undefined) return undefined;
  const right = isAuthentic(fields, pub, secret);
  return {
    ...base,
    material,
    evidence: right ? ['Private-MAC matches'] : [],
    notes: right || !whole ? [] : ['Private-MAC does not match: the key was changed or damaged'],
    comment: fields.get('Comment'),
  };
}

/** Private-MAC without a passphrase: HMAC-SHA-1 with a fixed key, from version 3 HMAC-SHA-256 without key. */
function isAuthentic(fields: ReadonlyMap<string, string>, pub: Uint8Array, secret: Uint8Array): boolean {
  const hmac =
    fields.get('version') === '2'
      ? createHmac('sha1', createHash('sha1').update('putty-private-key-file-mac-key').digest())
      : createHmac('sha256', Buffer.alloc(0));
  const texts = ['type', 'Encryption', 'Comment'].map((name) =>
    Buffer.from(fields.get(name) ?? '', 'latin1'),
  );
  for (const part of [...texts, pub, secret]) hmac.update(sshString(part));
  return hmac.digest('hex') === fields.get('Private-MAC')?.toLowerCase();
}
