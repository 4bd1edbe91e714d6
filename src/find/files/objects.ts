import { attempt } from './attempt.js';
import { jwkKey } from './keys.js';
import type { FileEntry } from './types.js';
import { tooMany, tooShort, valueEntries } from './values.js';

/** JWK, JWKS and Kubernetes manifests. */

type JsonObject = Record<string, unknown>;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** A Secret in a list in a file: deeper is no Kubernetes manifest. */
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
  const wanted = fields.slice(0, most).flatMap(([key, value]): FileEntry[] => {
    const label = `${name}${key}`;
    if (value === undefined) return [{ type: 'unread', label: `${label} (no text, or no base64)` }];
    const found = valueEntries(value, label);
    return found.length > 0 ? found : tooShort(label, value.length);
  });
  return [...wanted, ...tooMany(fields.length, most)];
}

/** Of either alphabet, with line breaks as YAML leaves them; without blanks behind it. */
const BASE64 = /^[A-Za-z0-9+/_\s-]*={0,2}$/;

/** Names and what they stand for; undefined where that is nothing of the kind. */
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
  if (depth > DEEPEST) return [{ type: 'unread', label: 'what lies deeper than a Secret in a list' }];
  if (Array.isArray(value)) return value.flatMap((each) => objectEntries(each, most, depth + 1));
  if (typeof value.kty === 'string') return jwkKey(value, typeof value.kid === 'string' ? value.kid : '');
  if (value.kind === 'Secret') return secretEntries(value, most);
  return [value.keys, value.items].flatMap((list) => objectEntries(list, most, depth + 1));
}

/** JSON Web Keys of a text that is JSON as a whole. */
export function jsonKeys(text: string): FileEntry[] {
  return objectEntries(
    attempt(() => JSON.parse(text) as unknown),
    0,
  );
}

/** What a manifest in YAML says of itself, in a line or between braces. */
const MANIFEST = /(?:^|[{,])[ \t]*["']?kind["']?:\s*["']?(?:Secret|SecretList|List)\b/m;

/** Everything in a text that is JSON or a Kubernetes manifest as a whole; undefined where it is neither. */
export async function objectsIn(text: string, most: number): Promise<FileEntry[] | undefined> {
  const object = attempt(() => JSON.parse(text) as unknown);
  if (object !== undefined) return objectEntries(object, most);
  if (!MANIFEST.test(text)) return undefined;
  const { parseAllDocuments } = await import('yaml');
  // The parser's own warnings quote the file.
  return [...parseAllDocuments(text, { logLevel: 'silent' })].flatMap((document, i): FileEntry[] => {
    const object =
      document.errors.length > 0
        ? undefined
        : attempt(() => document.toJS({ maxAliasCount: 100 }) as unknown);
    if (object === undefined) return [{ type: 'unread', label: `the YAML document ${i + 1}` }];
    return objectEntries(object, most);
  });
}
