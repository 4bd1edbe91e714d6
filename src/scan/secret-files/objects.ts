import { attempt } from './attempt.js';
import { jwkKey } from './keys.js';
import type { FileEntry } from './types.js';
import { tooMany, tooShort, valueEntries } from './values.js';

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
export function jsonKeys(text: string): FileEntry[] {
  return objectEntries(
    attempt(() => JSON.parse(text) as unknown),
    0,
  );
}

/** The kind of a manifest in YAML, on a line of its own or in a flow mapping. */
const MANIFEST = /(?:^|[{,])[ \t]*["']?kind["']?:\s*["']?(?:Secret|SecretList|List)\b/m;

/** All entries of a text that is JSON or a Kubernetes manifest; undefined if it is neither. */
export async function objectsIn(text: string, most: number): Promise<FileEntry[] | undefined> {
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
