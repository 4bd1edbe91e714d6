import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Secret } from '../../core/base/crypto/secret.js';
import { LONGEST_VALUE } from './env.js';
import { attempt, derKeys, type FileEntry, isEncryptedDer, jwkKey, pemKeys, sshKeys } from './keys.js';
import { digests, sshFileKeys, unreadBlocks, unreadEncrypted, unreadLines, unreadTail } from './unread.js';
import { envValues, isSetting, tooMany, tooShort, valueEntries } from './values.js';

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

/** Plain lists of values, one a line. */

const COMMENT = /^\s*(?:[#;]|$)/;
/** One word, without the blanks of prose, of SSH keys and of headers. */
const WORD = /^\S+$/;
/** `NAME=` and `NAME=value`: an `.env`. */
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
/** Base64 with its padding, which resembles an assignment without a value. */
const PADDED = /^(?:[A-Za-z0-9+/]{4}){3,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$/;
/** A digest that is cut or misspelt is not a value. */
const DIGEST = /^(?:spki|sha-?256|v1:|pin-)/i;
/** Lines of base64 as PEM and MIME wrap it: the body of a key whose BEGIN line is lost. */
const WRAPPED = /^[A-Za-z0-9+/]{64}$|^[A-Za-z0-9+/]{76}$/;
/** Structure of JSON, YAML, INI and PEM. */
const STRUCTURE = /^(?:[{}[\]"']|-----|- )|:$/;

/** Patterns overflow their stack at lines of megabytes, which are no values of a list. */
const isValue = (line: string): boolean =>
  line.length <= LONGEST_VALUE &&
  WORD.test(line) &&
  (PADDED.test(line) || !ASSIGNMENT.test(line)) &&
  !DIGEST.test(line) &&
  !STRUCTURE.test(line) &&
  digests(line).length === 0;

/**
 * The values of a text in which each line is one word, a comment or empty; undefined for any other text: its
 * lines are those of an `.env`. Nothing is guessed line by line, because a line that is read as a value by
 * mistake would give a false "absent".
 */
function plainList(text: string, most: number, encoding: 'utf8' | 'latin1'): FileEntry[] | undefined {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trim(), number: i + 1 }));
  const values = lines.filter(({ line }) => !COMMENT.test(line));
  if (values.length === 0 || !values.every(({ line }) => isValue(line))) return undefined;
  if (values.some(({ line }, i) => WRAPPED.test(line) && WRAPPED.test(values[i + 1]?.line ?? '')))
    return undefined;
  const entries = values.slice(0, most).flatMap(({ line, number }): FileEntry[] => {
    const label = `line ${number}`;
    const found = valueEntries(Buffer.from(line, encoding), label, isSetting('', line));
    return found.length > 0 ? found : [{ type: 'unread', label: `${label} (${TOO_SHORT})` }];
  });
  const left = values.length - most;
  return left <= 0
    ? entries
    : [...entries, { type: 'unread', label: `${left} values after the first ${most}` }];
}

const TOO_SHORT = 'too short, or too few distinct characters, to be searched for';

/** JWK, JWKS and Kubernetes manifests. */

type JsonObject = Record<string, unknown>;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** Depth of a Secret in a list in a file. A Kubernetes manifest is not deeper. */
const DEEPEST = 4;

/** `data` is base64, `stringData` as it is (Kubernetes API, core/v1 Secret). */
function secretEntries(manifest: JsonObject, most: number): FileEntry[] {
  if (most === 0) return [];
  const { metadata, data, stringData } = manifest;
  const name = isObject(metadata) && typeof metadata.name === 'string' ? `${metadata.name}/` : '';
  const fields = [
    ...entriesOf(data, (text) => (BASE64.test(text.trimEnd()) ? Buffer.from(text, 'base64') : undefined)),
    ...entriesOf(stringData, (text) => Buffer.from(text, 'utf8')),
  ];
  const entries = fields.slice(0, most).flatMap(([key, value]): FileEntry[] => {
    const label = `${name}${key}`;
    if (value === undefined) return [{ type: 'unread', label: `${label} (not text, or not base64)` }];
    const found = valueEntries(value, label);
    return found.length > 0 ? found : tooShort(label, value.length);
  });
  return [...entries, ...tooMany(fields.length, most)];
}

/** Base64 of either alphabet, with line breaks (YAML), without trailing blanks. */
const BASE64 = /^[A-Za-z0-9+/_\s-]*={0,2}$/;

/** Fields with their decoded values; undefined for a value that is not text or not base64. */
function entriesOf(
  field: unknown,
  decode: (text: string) => Buffer | undefined,
): [string, Buffer | undefined][] {
  return Object.entries(isObject(field) ? field : {}).flatMap(([key, value]) =>
    value === null || value === undefined
      ? []
      : [[key, typeof value === 'string' ? decode(value) : undefined]],
  );
}

/** JWK, JWKS (RFC 7517), a Kubernetes Secret or a list of them, as parsed JSON or YAML. */
function objectEntries(value: unknown, most: number, depth = 0): FileEntry[] {
  if (!isObject(value)) return [];
  if (depth > DEEPEST) return [{ type: 'unread', label: 'parts nested deeper than a Secret in a list' }];
  if (Array.isArray(value)) return value.flatMap((each) => objectEntries(each, most, depth + 1));
  if (typeof value.kty === 'string') return jwkKey(value, typeof value.kid === 'string' ? value.kid : '');
  if (value.kind === 'Secret') return secretEntries(value, most);
  return [value.keys, value.items].flatMap((list) => objectEntries(list, most, depth + 1));
}

/** JSON Web Keys of a JSON text. */
function jsonKeys(text: string): FileEntry[] {
  return objectEntries(
    attempt(() => JSON.parse(text) as unknown),
    0,
  );
}

/** The kind of a manifest in YAML, on a line of its own or in a flow mapping. */
const MANIFEST = /(?:^|[{,])[ \t]*["']?kind["']?:\s*["']?(?:Secret|SecretList|List)\b/m;

/** All entries of a text that is JSON or a Kubernetes manifest; undefined if it is neither. */
async function objectsIn(text: string, most: number): Promise<FileEntry[] | undefined> {
  const object = attempt(() => JSON.parse(text) as unknown);
  if (object !== undefined) return objectEntries(object, most);
  if (!MANIFEST.test(text)) return undefined;
  const { parseAllDocuments } = await import('yaml');
  // Silent, because the parser's warnings quote the file.
  return [...parseAllDocuments(text, { logLevel: 'silent' })].flatMap((document, i): FileEntry[] => {
    const object =
      document.errors.length > 0
        ? undefined
        : attempt(() => document.toJS({ maxAliasCount: 100 }) as unknown);
    if (object === undefined) return [{ type: 'unread', label: `the YAML document ${i + 1}` }];
    return objectEntries(object, most);
  });
}
