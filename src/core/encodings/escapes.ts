import { HEX_VALUES } from './digits.js';
import { type Reading, ReadingBuilder } from './reading.js';

const IS_LEAD = new Uint8Array(256);
for (const lead of Buffer.from('%\\&')) IS_LEAD[lead] = 1;

/** Single characters after a backslash in C, JSON and shells; any other character is itself. */
const NAMED: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  e: 27,
};

/** Characters that XML and HTML write by name. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

const HEX = '[0-9a-fA-F]';
const ESCAPE = new RegExp(
  [
    `%(${HEX}{2})`,
    `\\\\x(${HEX}{2})`,
    '\\\\([0-3]?[0-7]{1,2})',
    `[\\\\%](u[dD][89abAB]${HEX}{2}[\\\\%]u[dD][c-fC-F]${HEX}{2}|u${HEX}{4})`,
    `\\\\u\\{(${HEX}{1,6})\\}`,
    `\\\\U(${HEX}{8})`,
    '\\\\([^])',
    `&#[xX](${HEX}{1,6});`,
    '&#([0-9]{1,7});',
    `&(${Object.keys(ENTITIES).join('|')});`,
  ].join('|'),
  'y',
);

const character = (point: number): Buffer =>
  Buffer.from(point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd');
const characters = (hex: string): Buffer => character(Number.parseInt(hex, 16));
const decimal = (digits: string): Buffer => character(Number.parseInt(digits, 10));
const byteOf = (digits: string, radix: number): Buffer => Buffer.of(Number.parseInt(digits, radix) & 0xff);
/** One UTF-16 code unit, or a surrogate pair. */
const units = (escapes: string): Buffer =>
  Buffer.from(
    String.fromCharCode(...escapes.match(/[0-9a-fA-F]{4}/g)!.map((unit) => Number.parseInt(unit, 16))),
  );
const ZERO = 0x30;
/** The byte of a backslash and a character. */
export const escapedByte = (character: number): number =>
  character === ZERO ? 0 : (NAMED[String.fromCharCode(character)] ?? character);
const named = (character: string): Buffer => {
  const byte = NAMED[character];
  return byte === undefined ? Buffer.from(character, 'latin1') : Buffer.of(byte);
};

/** What each group of {@link ESCAPE} encodes. */
const MEANINGS: readonly ((group: string) => Buffer)[] = [
  (hex) => byteOf(hex, 16),
  (hex) => byteOf(hex, 16),
  (octal) => byteOf(octal, 8),
  units,
  characters,
  characters,
  named,
  characters,
  decimal,
  (name) => Buffer.from(ENTITIES[name]!),
];
const CHARACTERS: ReadonlySet<(group: string) => Buffer> = new Set([units, characters, decimal]);

/** A character of Latin-1 as its byte. */
function latin1Byte(bytes: Buffer): Buffer {
  const text = bytes.toString('utf8');
  return text.length === 1 && text.charCodeAt(0) < 0x100 ? Buffer.from(text, 'latin1') : bytes;
}

const [PERCENT, BACKSLASH, LOWER_X] = [0x25, 0x5c, 0x78];

/** Length of the escape of two digits at an index, the most frequent; 0 for any other. */
function pairLength(bytes: Uint8Array, at: number): 0 | 3 | 4 {
  const length = bytes[at] === PERCENT ? 3 : bytes[at] === BACKSLASH && bytes[at + 1] === LOWER_X ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  return HEX_VALUES[bytes[at + length - 2]!]! < 0 || HEX_VALUES[bytes[at + length - 1]!]! < 0 ? 0 : length;
}

/** Decoded escapes, and whether characters above U+007F are among them, which are one byte in Latin-1. */
interface Unescaped {
  reading: Reading;
  hasCharacters: boolean;
}

/**
 * A text with its percent escapes (RFC 3986, 2.1; %uNNNN of JavaScript's escape()), backslash escapes (\xNN,
 * \NNN in octal, \uNNNN, \u{N}, \UNNNNNNNN, \n) and character references of XML decoded; undefined if it has
 * none. `latin1`: a character below U+0100 is a byte.
 */
export function readEscapes(text: Reading, latin1: boolean): Unescaped | undefined {
  const { bytes } = text;
  let at = 0;
  while (at < bytes.length && IS_LEAD[bytes[at]!] === 0) at++;
  if (at === bytes.length) return undefined;
  let shown: string | undefined;
  const decoded = new ReadingBuilder(text, bytes.length);
  let found = false;
  let hasCharacters = false;
  for (at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    if (IS_LEAD[byte] === 0) {
      decoded.add(byte, at, at + 1);
      at++;
      continue;
    }
    const pair = pairLength(bytes, at);
    if (pair > 0) {
      const [high, low] = [HEX_VALUES[bytes[at + pair - 2]!]!, HEX_VALUES[bytes[at + pair - 1]!]!];
      decoded.add((high << 4) | low, at, at + pair);
      found = true;
      at += pair;
      continue;
    }
    shown ??= Buffer.from(bytes).toString('latin1');
    ESCAPE.lastIndex = at;
    const match = ESCAPE.exec(shown);
    if (match === null) {
      decoded.add(byte, at, at + 1);
      at++;
      continue;
    }
    found = true;
    const group = MEANINGS.findIndex((_, i) => match[i + 1] !== undefined);
    const end = at + match[0].length;
    const meaning = MEANINGS[group]!;
    const meant = meaning(match[group + 1]!);
    const isCharacter = CHARACTERS.has(meaning) && meant.length > 1;
    if (isCharacter) hasCharacters = true;
    for (const each of latin1 && isCharacter ? latin1Byte(meant) : meant) decoded.add(each, at, end);
    at = end;
  }
  return found ? { reading: decoded.finish(), hasCharacters } : undefined;
}

/**
 * Percent-encoding of every byte that is not unreserved in RFC 3986, 2.3. Some writers keep `!'()*`, some use
 * lower-case hex, and some encode every byte.
 */
export function urlSpellings(text: string): string[] {
  const escaped = encodeURIComponent(text);
  const strict = escaped.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (all: string) => all.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  const all = [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  // application/x-www-form-urlencoded (URL Standard, 5.2).
  const form = strict.replaceAll('%20', '+').replaceAll('%2A', '*');
  return [escaped, strict, form, lower(escaped), lower(strict), all, all.toUpperCase()];
}

const hex4 = (unit: number): string => unit.toString(16).padStart(4, '0');

/**
 * Spellings of RFC 8259, section 7: as JSON.stringify writes it, with `\/`, and with all characters beyond
 * ASCII, or all characters, as \uXXXX in either case.
 */
export function jsonSpellings(text: string): string[] {
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
  ];
}
