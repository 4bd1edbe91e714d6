import { toBigint } from '../base/bytes/integers.js';
import { jsonSpellings, urlSpellings } from './escapes.js';
import { formsFor, type ReportedForm } from './number-forms.js';

/** Encodings of keys and values in memory, by their names in the JSON report. */
export type EncodingName =
  | 'utf8'
  | 'utf16le'
  | 'utf16be'
  | 'url'
  | 'json'
  | ReportedForm
  | 'base64'
  | 'base64url'
  | 'hex'
  | 'decimal';

/** One spelling of a key's component or of a value. */
interface Encoded {
  /** The encoded bytes, without characters that depend on adjacent data. */
  bytes: Uint8Array;
  /** Number of characters before and after that also encode adjacent bytes (base64 inside a longer text). */
  shared: { before: 0 | 1; after: 0 | 1 };
}

/**
 * One row of the table. `encode` and `spell` are what the search for copies looks for: `encode` for a
 * component of a key (an unsigned big-endian integer or a byte string), `spell` for a value (a token, a
 * password). How printed text is read: text-forms.ts.
 */
interface Row {
  /** May be broken into lines. */
  text: boolean;
  /** Encoded length of 16 bytes: the shortest partial copy that is reported. */
  unit: number;
  /** For integers only. */
  numeric: boolean;
  /** Text of an integer's bytes that is also written from its least significant byte on. */
  reversible?: true;
  /**
   * Digits narrower than their storage, or in another byte order than their neighbours: partial copies are
   * rare.
   */
  digits?: true;
  /** All spellings of a component, the most common first. */
  encode?(value: Uint8Array): Encoded[];
  /** All spellings of a value. `text`: the value, if it is UTF-8. */
  spell?(value: Uint8Array, text: string | undefined): Encoded[];
}

/** An encoding of components. */
export type Encoding = Readonly<Row> & Required<Pick<Row, 'encode'>> & { readonly name: EncodingName };
/** An encoding of values. */
export type ValueEncoding = Readonly<Row> & Required<Pick<Row, 'spell'>> & { readonly name: EncodingName };

function whole(bytes: Uint8Array): Encoded {
  return { bytes, shared: { before: 0, after: 0 } };
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/**
 * The value inside a longer base64 text, with 0, 1 or 2 bytes of a group before it. Characters that also
 * encode adjacent bytes are left out.
 */
function base64Phases(value: Uint8Array, alphabet: 'base64' | 'base64url'): Encoded[] {
  const shifted = Buffer.alloc(2 + value.length);
  shifted.set(value, 2);
  return [0, 1, 2].map((phase) => {
    const text = shifted.toString(alphabet, 2 - phase);
    const bits = (phase + value.length) * 8;
    const before = phase === 0 ? 0 : 1;
    const after = bits % 6 === 0 ? 0 : 1;
    // Characters that encode bits of the value alone, from the first bit after the phase, rounded up.
    const bytes = ascii(text.slice(Math.ceil((phase * 8) / 6), Math.floor(bits / 6)));
    return { bytes, shared: { before, after } };
  });
}

function hexSpellings(value: Uint8Array): Encoded[] {
  const text = Buffer.from(value).toString('hex');
  return [whole(ascii(text)), whole(ascii(text.toUpperCase()))];
}

const NUMBERS = formsFor('copies');

/** A form of integers, in all cells that the reports call by this name. */
function numberRow(name: string): Row {
  const forms = NUMBERS.filter(({ reported }) => reported === name);
  const { inDigits, storedLength } = forms[0]!;
  return {
    text: false,
    unit: storedLength(128),
    numeric: true,
    ...(inDigits && { digits: true }),
    encode: (value) => forms.map(({ write }) => whole(write(value))),
  };
}

const numberRows = Object.fromEntries(
  NUMBERS.map(({ reported }) => [reported, numberRow(reported)]),
) as Record<ReportedForm, Row>;

const isAscii = (text: string): boolean => !/[^\x20-\x7e]/.test(text);
const utf8 = (text: string): Encoded => whole(Buffer.from(text, 'utf8'));

/** A row for values that are text; they match as a whole only. */
function textRow(spell: (text: string) => Encoded[]): Row {
  const row = { text: false, unit: Number.POSITIVE_INFINITY, numeric: false };
  return { ...row, spell: (_, text) => (text === undefined ? [] : spell(text)) };
}

/** UTF-16 of ASCII is searched for as wide text. */
const wideRow = (write: (text: string) => Buffer): Row =>
  textRow((text) => (isAscii(text) ? [] : [whole(write(text))]));

const HEX_TEXT = /^(?:[0-9a-f]{2}){16,}$/i;
const BASE64_TEXT = /^[A-Za-z0-9+/_-]{22,}={0,2}$/;

/**
 * The bytes that a text encodes, if it is hex or base64: signing secrets are stored as text and used as
 * bytes.
 */
export function bytesOfText(text: string): Uint8Array | undefined {
  if (HEX_TEXT.test(text)) return Buffer.from(text, 'hex');
  return BASE64_TEXT.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function rawBytes(value: Uint8Array, text: string | undefined): Encoded[] {
  const bytes = text === undefined ? value : bytesOfText(text);
  return bytes === undefined ? [] : [whole(bytes)];
}

const rows: { [K in EncodingName]: Row } = {
  utf8: textRow((text) => [utf8(text)]),
  utf16le: wideRow((text) => Buffer.from(text, 'utf16le')),
  utf16be: wideRow((text) => Buffer.from(text, 'utf16le').swap16()),
  url: textRow((text) => urlSpellings(text).map(utf8)),
  json: textRow((text) => jsonSpellings(text).map(utf8)),
  ...numberRows,
  // Byte strings too.
  'bytes-be': { ...numberRows['bytes-be'], numeric: false, spell: rawBytes },
  base64: {
    text: true,
    unit: 22,
    numeric: false,
    reversible: true,
    encode: (value) => base64Phases(value, 'base64'),
    spell: (value) => base64Phases(value, 'base64'),
  },
  base64url: {
    text: true,
    unit: 22,
    numeric: false,
    reversible: true,
    encode: (value) => base64Phases(value, 'base64url'),
    spell: (value) => base64Phases(value, 'base64url'),
  },
  hex: {
    text: true,
    unit: 32,
    numeric: false,
    reversible: true,
    encode: hexSpellings,
    spell: hexSpellings,
  },
  decimal: {
    text: true,
    unit: 39,
    numeric: true,
    encode: (value) => [whole(ascii(toBigint(value).toString()))],
  },
};

const table = (Object.keys(rows) as EncodingName[]).map((name) => ({ name, ...rows[name] }));

/** Encodings of components, binary ones first. */
export const ENCODINGS = table.filter((row): row is Encoding => row.encode !== undefined);
/** Encodings of values. */
export const VALUE_ENCODINGS = table.filter((row): row is ValueEncoding => row.spell !== undefined);
