import { hostname } from 'node:os';
import { displayName, escapeText } from '../../../src/core/base/text/escape.js';

/** What a URI of a dump names. */
export type Place =
  | { scheme: 'file'; host: string; path: Uint8Array }
  | { scheme: 's3'; bucket: string; key: string }
  /** https, or http of this machine. */
  | { scheme: 'web'; url: URL };

const encodeBytes = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** Bytes of a percent-encoded text. */
function decodeBytes(text: string): Buffer {
  const parts = text.split(/((?:%[0-9A-Fa-f]{2})+)/);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.from(part.replaceAll('%', ''), 'hex'))),
  );
}

/** The URI of a file of this machine, by its absolute path: RFC 8089, with the host that it is on. */
export function fileUri(path: Uint8Array, host: string = hostname()): string {
  const text = Buffer.from(path).toString('latin1');
  const encoded = text.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]+/g, (part) =>
    encodeBytes(Buffer.from(part, 'latin1')),
  );
  return `file://${host}${encoded}`;
}

const encodeUnsafe = (each: string): string =>
  each === '%' || escapeText(each) !== each ? encodeBytes(Buffer.from(each)) : each;

/** The URI of an object. Of its key `%` and what {@link escapeText} escapes are percent-encoded. */
export const s3Uri = (bucket: string, key: string): string =>
  `s3://${bucket}/${[...key].map(encodeUnsafe).join('')}`;

/** Undefined for what is no URI of a dump. */
export function placeOf(uri: string): Place | undefined {
  const file = /^file:\/\/([^/]*)(\/.*)$/s.exec(uri);
  if (file !== null) return { scheme: 'file', host: file[1]!, path: decodeBytes(file[2]!) };
  const object = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri);
  if (object !== null) return { scheme: 's3', bucket: object[1]!, key: decodeBytes(object[2]!).toString() };
  if (!/^https?:/.test(uri) || !URL.canParse(uri)) return undefined;
  return { scheme: 'web', url: new URL(uri) };
}

/** The path or key that labels are about, and names are shown by: decoded, and safe to print. */
export function shownPath(uri: string): string {
  const place = placeOf(uri);
  if (place === undefined) return escapeText(uri);
  if (place.scheme === 'file') return displayName(place.path);
  return displayName(place.scheme === 's3' ? Buffer.from(place.key) : decodeBytes(place.url.pathname));
}

/** A dump as reports name it: a path, or its URI with what can be shown. */
export function shownName(uri: string): string {
  const place = placeOf(uri);
  if (place?.scheme === 's3') return `s3://${place.bucket}/${shownPath(uri)}`;
  return place?.scheme === 'web' ? `${place.url.origin}${shownPath(uri)}` : shownPath(uri);
}
