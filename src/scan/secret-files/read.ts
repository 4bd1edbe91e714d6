import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Secret } from '../../core/base/crypto/secret.js';
import { digests } from './digests.js';
import { isEncryptedDer } from './encrypted.js';
import { derKeys, pemKeys, sshKeys } from './keys.js';
import { jsonKeys, objectsIn } from './objects.js';
import { plainList } from './plain-list.js';
import { sshFileKeys } from './ssh-files.js';
import type { FileEntry } from './types.js';
import { unreadBlocks, unreadEncrypted, unreadLines, unreadTail } from './unread.js';
import { envValues } from './values.js';

/** Bytes: a file of targets has a few keys, the rest of a larger one is not read. */
export const LARGEST_FILE = 16 * 2 ** 20;
/** Cap on the values of one file. */
const VALUES = 1_000;

/** Equal for two entries of the same key or secret. */
const identities: {
  [T in FileEntry['type']]: (entry: Extract<FileEntry, { type: T }>) => Uint8Array | string;
} = {
  key: ({ spki }) => spki,
  value: ({ value }) => value.reveal(),
  digest: ({ spkiSha256 }) => spkiSha256,
  'ssh-fingerprint': ({ sshFingerprint }) => sshFingerprint,
  unread: ({ label }) => label,
};

function identityOf(entry: FileEntry): string {
  const bytes = (identities[entry.type] as (entry: FileEntry) => Uint8Array | string)(entry);
  return `${entry.type} ${createHash('sha256').update(bytes).digest('base64')}`;
}

/** Makes entries of the same key or value one, with the labels of all. */
function distinct(all: readonly FileEntry[]): FileEntry[] {
  const same = new Map<string, FileEntry[]>();
  for (const entry of all) {
    const id = identityOf(entry);
    const known = same.get(id);
    if (known === undefined) same.set(id, [entry]);
    else known.push(entry);
  }
  return [...same.values()].map(merged);
}

/** The private half if one has it; a setting only if all names are of settings. */
function merged(same: readonly FileEntry[]): FileEntry {
  const [one] = same;
  if (same.length === 1) return one!;
  const [label = '', ...alsoNamed] = new Set(same.flatMap((each) => each.label || []));
  const whole: FileEntry = Object.assign({}, ...same.toReversed(), { label });
  if (whole.type === 'value') whole.setting = same.every((each) => each.type === 'value' && each.setting);
  return alsoNamed.length === 0 ? whole : { ...whole, alsoNamed };
}

const viewOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LARGEST_FILE));

/** The keys in a file: certificates, public and private keys in DER, PEM, OpenSSH, JWK or JWKS. */
export function readKeys(bytes: Uint8Array): FileEntry[] {
  const buffer = viewOf(bytes);
  const text = buffer.toString('utf8');
  return distinct([
    ...derKeys(buffer),
    ...pemKeys(text),
    ...sshKeys(text),
    ...sshFileKeys(text),
    ...jsonKeys(text),
  ]);
}

const UTF16_MARK = { le: Buffer.of(0xff, 0xfe), be: Buffer.of(0xfe, 0xff) };

/** A file's text: UTF-8, UTF-16 with a byte order mark, or Latin-1. */
function textOf(bytes: Buffer): { text: string; encoding: 'utf8' | 'latin1' } {
  const mark = bytes.subarray(0, 2);
  if (UTF16_MARK.le.equals(mark) || UTF16_MARK.be.equals(mark)) {
    const words = Buffer.from(bytes.subarray(2, bytes.length & ~1));
    return {
      text: (UTF16_MARK.be.equals(mark) ? words.swap16() : words).toString('utf16le'),
      encoding: 'utf8',
    };
  }
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return { text: bytes.toString(encoding), encoding };
}

/**
 * All entries of a file: certificates, public and private keys (PEM, DER, OpenSSH), JWK, JWKS, Kubernetes
 * Secrets, `.env`, lists of values, digests of public keys. Parts that cannot be read are entries of the type
 * `unread`. `passwords`: of encrypted keys.
 */
export async function readEntries(
  bytes: Uint8Array,
  passwords: readonly Secret[] = [],
): Promise<FileEntry[]> {
  const buffer = viewOf(bytes);
  const der = derKeys(buffer, passwords);
  if (der.length > 0) return [...der, ...unreadTail(buffer)];
  if (isEncryptedDer(buffer)) return [unreadEncrypted('the key (PKCS#8', passwords)];
  const { text, encoding } = textOf(buffer);
  if (text.includes('\0')) return [];
  const objects = await objectsIn(text, VALUES);
  const { values, unread } = objects ? { values: objects, unread: [] } : linesIn(text, encoding);
  return distinct([
    ...values,
    ...pemKeys(text, passwords),
    ...sshKeys(text),
    ...sshFileKeys(text),
    ...digests(text),
    ...unreadBlocks(text, passwords),
    ...unread,
  ]);
}

/** Values of a plain list or an `.env`, and lines that are not understood. */
function linesIn(text: string, encoding: 'utf8' | 'latin1'): Record<'values' | 'unread', FileEntry[]> {
  const list = text.search(/-----BEGIN /) < 0 ? plainList(text, VALUES, encoding) : undefined;
  if (list !== undefined) return { values: list, unread: [] };
  try {
    return { values: envValues(text, VALUES, encoding), unread: unreadLines(text) };
  } catch (error) {
    // The backtrack stack of a pattern overflows at about ten million characters.
    if (!(error instanceof RangeError)) throw error;
    return { values: [], unread: [{ type: 'unread', label: 'lines that are too long' }] };
  }
}
