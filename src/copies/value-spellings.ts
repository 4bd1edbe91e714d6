import { Secret } from '../base/crypto/secret.js';
import { ENCODINGS, type EncodingName } from '../base/encodings/encodings.js';
import type { Stream } from './needles.js';

/** A value to search for as text: a token, a password, the contents of a file. */
export interface Value {
  /** Index of the key in the sweep. */
  key: number;
  value: Secret;
}

/**
 * Values match as a whole only: a part (the host of a URL, the start of a JSON document) may be no secret.
 */
const WHOLE = Number.POSITIVE_INFINITY;

/** Bytes of one spelling. `lines`: white space may occur between its characters (base64 and hex in lines). */
interface Spelling {
  name: string;
  bytes: Uint8Array;
  shared?: Stream['shared'];
  lines?: boolean;
  /** Printable ASCII: its UTF-16 form has NULs between the bytes. */
  ascii: boolean;
}

const UNSHARED: Stream['shared'] = { before: 0, after: 0 };
const TEXT_FORMS: readonly EncodingName[] = ['base64', 'base64url', 'hex'];
const isAscii = (text: string): boolean => !/[^\x20-\x7e]/.test(text);

const plain = (name: string, text: string): Spelling => ({
  name,
  bytes: Buffer.from(text, 'utf8'),
  ascii: isAscii(text),
});

/**
 * Percent-encoding of every byte that is not unreserved in RFC 3986, 2.3. Some writers keep `!'()*`, some use
 * lower-case hex, and some encode every byte.
 */
function urlSpellings(text: string): Spelling[] {
  const escaped = encodeURIComponent(text);
  const strict = escaped.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (all: string) => all.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  const all = [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  // application/x-www-form-urlencoded (URL Standard, 5.2).
  const form = strict.replaceAll('%20', '+').replaceAll('%2A', '*');
  return [escaped, strict, form, lower(escaped), lower(strict), all, all.toUpperCase()].map((each) =>
    plain('url', each),
  );
}

const hex4 = (unit: number): string => unit.toString(16).padStart(4, '0');

/**
 * Spellings of RFC 8259, section 7: as JSON.stringify writes it, with `\/`, and with all characters beyond
 * ASCII, or all characters, as \uXXXX in either case.
 */
function jsonSpellings(text: string): Spelling[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const ascii = escaped.replace(/[^\x20-\x7e]/g, (c) => `\\u${hex4(c.charCodeAt(0))}`);
  // Escaped by writers for HTML.
  const html = ascii.replace(/[<>&']/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  const whole = Array.from({ length: text.length }, (_, i) => `\\u${hex4(text.charCodeAt(i))}`).join('');
  const upper = (all: string) => all.replace(/\\u[0-9a-f]{4}/g, (hex) => `\\u${hex.slice(2).toUpperCase()}`);
  const slashes = (all: string) => all.replaceAll('/', '\\/');
  return [
    escaped,
    slashes(escaped),
    ascii,
    slashes(ascii),
    html,
    upper(ascii),
    upper(html),
    whole,
    upper(whole),
  ].map((each) => plain('json', each));
}

function utf16Spellings(text: string): Spelling[] {
  const le = Buffer.from(text, 'utf16le');
  return [
    { name: 'utf16le', bytes: le, ascii: false },
    { name: 'utf16be', bytes: Buffer.from(le).swap16(), ascii: false },
  ];
}

function encodedSpellings(value: Uint8Array): Spelling[] {
  return ENCODINGS.filter(({ name }) => TEXT_FORMS.includes(name)).flatMap(({ name, encode }) =>
    encode(value).map(({ bytes, shared }) => ({ name, bytes, shared, lines: true, ascii: true })),
  );
}

const HEX = /^(?:[0-9a-f]{2}){16,}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]{22,}={0,2}$/;

/** The bytes that a value encodes: signing secrets are stored as hex or base64 and used as bytes. */
function decodedBytes(text: string): Spelling[] {
  const encoding = HEX.test(text) ? 'hex' : BASE64.test(text) ? 'base64' : undefined;
  return encoding === undefined
    ? []
    : [{ name: 'bytes-be', bytes: Buffer.from(text, encoding), ascii: false }];
}

/** All spellings of a value in memory. */
function spellings(value: Uint8Array): Spelling[] {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = buffer.toString('utf8');
  if (!buffer.equals(Buffer.from(text, 'utf8')))
    return [{ name: 'bytes-be', bytes: value, ascii: false }, ...encodedSpellings(value)];
  return [
    plain('utf8', text),
    ...(isAscii(text) ? [] : utf16Spellings(text)),
    ...urlSpellings(text),
    ...jsonSpellings(text),
    ...encodedSpellings(value),
    ...decodedBytes(text),
  ];
}

/** The streams of values, narrow before wide. */
export function* valueStreams(values: readonly Value[]): Iterable<Stream> {
  for (const wide of [false, true])
    for (const { key, value } of values) {
      const seen = new Set<string>();
      for (const { name, bytes, shared = UNSHARED, lines = false, ascii } of spellings(value.reveal())) {
        const id = Buffer.from(bytes).toString('latin1');
        if (seen.has(id) || (wide && !ascii)) continue;
        seen.add(id);
        const form = { name, text: lines, unit: WHOLE };
        yield { key, component: '', form, wide, encoded: new Secret(bytes), shared };
      }
    }
}
