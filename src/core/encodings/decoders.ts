import { BASE32_VALUES, BASE64_DIGITS, BASE64_LAST, digitTable, HEX_VALUES, isHexPrefix } from './digits.js';
import { readEscapes } from './escapes.js';
import { base32In } from './groups.js';
import { part, type Reading, ReadingBuilder, reversed, scratchBytes, scratchIndices } from './reading.js';
import { allIn } from './runs.js';

/**
 * Decoders of one encoding each, from every character at which encoded bytes may begin: the text does not say
 * where they do.
 */

/** Bytes. A shorter decoded text is not looked up: it holds no secret. */
const LEAST = 6;

const base64Table = (kept: string): Int8Array =>
  digitTable(BASE64_DIGITS, Object.fromEntries([...kept].map((digit) => [digit, BASE64_LAST[digit]!])));

/**
 * The digits of base64 besides letters and numbers. Any other character separates digits: the folders of a
 * path are separated by `/`, which is a digit of base64, the words of a name by `-` or `_`.
 */
const BASE64_TABLES = ['+/', '-_', '+', '-', '_'].map((kept) => ({
  kept: [...kept].map((digit) => digit.charCodeAt(0)),
  table: base64Table(kept),
}));

/** The digits of a text, without all other characters. */
export interface Digits {
  whole: Reading;
  values: Uint8Array;
  /** Index of each digit in the bytes of `whole`. */
  places: Uint32Array;
}

const EQUALS = 0x3d;

/** The digits of a text, without all other characters. `prefixed`: the `0` of a `0x` prefix is no digit. */
export function digitsOf(whole: Reading, table: Int8Array, prefixed = false): Digits {
  const { bytes } = whole;
  const values = scratchBytes(bytes.length);
  const places = scratchIndices(bytes.length);
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    const value = table[bytes[i]!]!;
    if (value < 0 || (prefixed && isHexPrefix(bytes, i))) continue;
    values[count] = value;
    places[count++] = i;
  }
  return { whole, values: values.subarray(0, count), places: places.subarray(0, count) };
}

/** The bytes that digits of `bits` bits encode, the first `skip` digits left out. */
export function bytesOf({ whole, values, places }: Digits, bits: number, skip: number): Reading {
  const count = Math.max(0, Math.floor(((values.length - skip) * bits) / 8));
  const bytes = scratchBytes(count);
  let [value, known, at] = [0, 0, skip];
  for (let i = 0; i < count; i++) {
    while (known < 8) {
      value = (value << bits) | values[at++]!;
      known += bits;
    }
    known -= 8;
    bytes[i] = value >> known;
    value &= (1 << known) - 1;
  }
  return {
    bytes,
    origin: (start, end) => {
      const first = places[skip + Math.floor((start * 8) / bits)]!;
      let last = places[skip + Math.ceil((end * 8) / bits) - 1]!;
      // The padding of base64 shows the length.
      while (whole.bytes[last + 1] === EQUALS) last++;
      return whole.origin(first, last + 1);
    },
  };
}

/** Hexadecimal with any separators, from either nibble, in both byte orders. */
export function* readHex(text: Reading): Generator<Reading> {
  const digits = digitsOf(text, HEX_VALUES, true);
  if (digits.values.length < 2 * LEAST) return;
  for (const skip of [0, 1]) {
    const reading = bytesOf(digits, 4, skip);
    yield reading;
    yield reversed(reading);
  }
}

/** Base64 of both alphabets with any separators, from each of the four digits of a group. */
export function* readBase64(text: Reading): Generator<Reading> {
  const { bytes } = text;
  const seen = new Set<string>();
  for (const { kept, table } of BASE64_TABLES) {
    const used = kept.filter((digit) => bytes.includes(digit)).join();
    if (seen.has(used)) continue;
    seen.add(used);
    const digits = digitsOf(text, table);
    if (digits.values.length * 6 < LEAST * 8) return;
    for (let skip = 0; skip < 4; skip++) yield bytesOf(digits, 6, skip);
  }
}

/** Base32 in either case, from each of the eight digits of a group. */
export function* readBase32(text: Reading): Generator<Reading> {
  for (const [start, end] of allIn(text.bytes, base32In)) {
    const digits = digitsOf(part(text, start, end), BASE32_VALUES);
    for (let skip = 0; skip < 8; skip++) yield bytesOf(digits, 5, skip);
  }
}

/** UTF-16 of ASCII in either byte order: NULs between the characters. */
export function* readWide(text: Reading): Generator<Reading> {
  const { bytes } = text;
  if (!bytes.includes(0)) return;
  const narrow = new ReadingBuilder(text);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) narrow.add(bytes[i]!, i, i + 1);
  if (narrow.length >= LEAST && narrow.length < bytes.length) yield narrow.finish();
}

/** Percent and backslash escapes, and character references. */
export function* readEscaped(text: Reading): Generator<Reading> {
  const unescaped = readEscapes(text, false);
  if (unescaped === undefined) return;
  const { reading, hasCharacters } = unescaped;
  yield reading;
  if (!hasCharacters) return;
  const { reading: latin1 } = readEscapes(text, true)!;
  if (latin1.bytes.length !== reading.bytes.length) yield latin1;
}

/** Quoted-printable (RFC 2045, 6.7). Its soft line breaks are separators. */
export function* readQuotedPrintable(text: Reading): Generator<Reading> {
  const { bytes } = text;
  if (!bytes.includes(EQUALS)) return;
  const decoded = new ReadingBuilder(text);
  for (let at = 0; at < bytes.length; ) {
    const [high, low] =
      bytes[at] === EQUALS ? [HEX_VALUES[bytes[at + 1]!]!, HEX_VALUES[bytes[at + 2]!]!] : [-1, -1];
    const width = high >= 0 && low >= 0 ? 3 : 1;
    decoded.add(width === 3 ? (high << 4) | low : bytes[at]!, at, at + width);
    at += width;
  }
  if (decoded.length >= LEAST && decoded.length < bytes.length) yield decoded.finish();
}

/** 0 for letters and numbers; every other character may separate words. */
const IS_SEPARATOR = new Uint8Array(256).fill(1);
for (const byte of Buffer.from(BASE64_DIGITS, 'latin1')) IS_SEPARATOR[byte] = 0;

/** A text without the characters that separate words. */
export function withoutSeparators(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let count = 0;
  for (const byte of bytes) if (IS_SEPARATOR[byte] === 0) kept[count++] = byte;
  return kept.subarray(0, count);
}

/** Number of characters outside the longest word between separators. */
export function outsideLongestWord(bytes: Uint8Array): number {
  let [longest, all, start] = [0, 0, 0];
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && IS_SEPARATOR[bytes[at]!] === 0) continue;
    longest = Math.max(longest, at - start);
    all += at - start;
    start = at + 1;
  }
  return all - longest;
}

/** The text itself, split by separators. */
export function* readSeparated(text: Reading): Generator<Reading> {
  const { bytes } = text;
  const kept = new ReadingBuilder(text);
  for (let i = 0; i < bytes.length; i++) if (IS_SEPARATOR[bytes[i]!] === 0) kept.add(bytes[i]!, i, i + 1);
  if (kept.length >= LEAST && kept.length < bytes.length) yield kept.finish();
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
/** Decimal digits of 2^120: an integer of 16 bytes has more, unless its first byte is zero. */
const LEAST_DECIMAL = 37;

/** An integer in decimal, as its big-endian and little-endian bytes. */
export function* readDecimal(text: Reading): Generator<Reading> {
  const { bytes } = text;
  const digits: number[] = [];
  for (let i = 0; i < bytes.length; i++) if (isDigit(bytes[i])) digits.push(i);
  if (digits.length < LEAST_DECIMAL) return;
  // Adjacent digits first; then all digits of the text, for thousands separators and line breaks.
  let first = 0;
  for (let i = 1; i <= digits.length; i++) {
    if (i < digits.length && digits[i] === digits[i - 1]! + 1) continue;
    if (i - first >= LEAST_DECIMAL) yield* integerOf(text, digits.slice(first, i));
    if (i - first < digits.length && i === digits.length) yield* integerOf(text, digits);
    first = i;
  }
}

function* integerOf(text: Reading, places: readonly number[]): Generator<Reading> {
  const hex = BigInt(String.fromCharCode(...places.map((at) => text.bytes[at]!))).toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // Every byte depends on all digits.
  const reading = { bytes, origin: () => text.origin(places[0]!, places.at(-1)! + 1) };
  yield reading;
  yield reversed(reading);
}
