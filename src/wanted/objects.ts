import { attempt } from './attempt.js';
import { jwkKey } from './keys.js';
import type { Wanted } from './types.js';
import { ofValue } from './values.js';

/** JWK, JWKS and Kubernetes manifests. */

type JsonObject = Record<string, unknown>;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** A Secret in a list in a file: deeper is no Kubernetes manifest. */
const DEEPEST = 4;

/** `data` is base64, `stringData` as it is (Kubernetes API, core/v1 Secret). */
function ofSecret(manifest: JsonObject, most: number): Wanted[] {
  const name = isObject(manifest.metadata) ? manifest.metadata.name : undefined;
  const entries = (field: unknown, encoding: 'base64' | 'utf8'): [string, Buffer][] =>
    Object.entries(isObject(field) ? field : {}).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, Buffer.from(value, encoding)]] : [],
    );
  return [...entries(manifest.data, 'base64'), ...entries(manifest.stringData, 'utf8')]
    .slice(0, most)
    .flatMap(([key, value]) => ofValue(value, typeof name === 'string' ? `${name}/${key}` : key));
}

/** JWK, JWKS (RFC 7517), a Kubernetes Secret or a list of them, as parsed JSON or YAML. */
function ofObject(value: unknown, most: number, depth = 0): Wanted[] {
  if (depth > DEEPEST || !isObject(value)) return [];
  if (Array.isArray(value)) return value.flatMap((each) => ofObject(each, most, depth + 1));
  if (typeof value.kty === 'string') return jwkKey(value, typeof value.kid === 'string' ? value.kid : '');
  if (value.kind === 'Secret') return ofSecret(value, most);
  return [value.keys, value.items].flatMap((list) => ofObject(list, most, depth + 1));
}

/** JSON Web Keys of a text that is JSON as a whole. */
export function jsonKeys(text: string): Wanted[] {
  return ofObject(
    attempt(() => JSON.parse(text) as unknown),
    0,
  );
}

/** Everything in a text that is JSON or a Kubernetes manifest as a whole; undefined where it is neither. */
export async function objectsIn(text: string, most: number): Promise<Wanted[] | undefined> {
  const object = attempt(() => JSON.parse(text) as unknown);
  if (object !== undefined) return ofObject(object, most);
  if (!/^kind:\s*["']?(Secret|List)\b/m.test(text)) return undefined;
  const { parseAllDocuments } = await import('yaml');
  // The parser's own warnings quote the file.
  return [...parseAllDocuments(text, { logLevel: 'silent' })].flatMap((document, i): Wanted[] => {
    const object =
      document.errors.length > 0
        ? undefined
        : attempt(() => document.toJS({ maxAliasCount: 100 }) as unknown);
    if (object === undefined) return [{ type: 'unread', label: `the YAML document ${i + 1}` }];
    return ofObject(object, most);
  });
}
