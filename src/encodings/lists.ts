import { HEX_VALUES, isHexPrefix, isX } from './digits.js';
import { type Reading, ReadingBuilder } from './reading.js';
import { scratchBytes, scratchIndices } from './scratch.js';

/** Integers of a list. `bytes`: what each of them holds; by default as many as it has digits for. */
interface ListForm {
  base: 2 | 8 | 10 | 16;
  bytes?: 1 | 2 | 4 | 8;
}

const FORMS: readonly ListForm[] = [
  { base: 16, bytes: 1 },
  { base: 16 },
  { base: 10, bytes: 1 },
  { base: 10, bytes: 2 },
  { base: 10, bytes: 4 },
  { base: 10, bytes: 8 },
  { base: 8, bytes: 1 },
  { base: 8, bytes: 2 },
  { base: 2, bytes: 1 },
];

/** Bytes of the shortest list. */
const LEAST = 6;
/** Digits among which hex of a key has letters: without, they are of decimal numbers. */
const DIGITS_OF_HEX = 128;

const [ZERO, MINUS, COLON, EQUALS, BRACKET, SPACE] = [0x30, 0x2d, 0x3a, 0x3d, 0x5d, 0x20];
const isQuote = (byte: number | undefined): boolean => byte === 0x22 || byte === 0x27;

/** Runs of hexadecimal digits in a text, without prefixes and keys. */
interface Tokens {
  count: number;
  starts: Uint32Array;
  ends: Uint32Array;
  /** The highest digit of each. */
  tops: Uint8Array;
  digits: number;
}

/** True for the end of a key: `"12":`, `'12':`, `[12] =>`. */
function endsKey(text: Uint8Array, at: number): boolean {
  if (!isQuote(text[at]) && text[at] !== BRACKET) return false;
  const next = text[at + 1] === SPACE ? text[at + 2] : text[at + 1];
  return next === COLON || next === EQUALS;
}

function tokensOf(text: Uint8Array): Tokens {
  const most = (text.length >> 1) + 1;
  const [starts, ends, tops] = [scratchIndices(most), scratchIndices(most), scratchBytes(most)];
  let [count, digits] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    let top = HEX_VALUES[text[at]!]!;
    if (top < 0) continue;
    if (top === 0 && isX(text[at + 1])) {
      at++;
      continue;
    }
    const start = at++;
    for (; at < text.length; at++) {
      const digit = HEX_VALUES[text[at]!]!;
      if (digit < 0) break;
      if (digit > top) top = digit;
    }
    if (endsKey(text, at)) continue;
    starts[count] = start;
    ends[count] = at;
    tops[count++] = top;
    digits += at - start;
  }
  return { count, starts, ends, tops, digits };
}

const isPrefixed = (text: Uint8Array, start: number): boolean => start >= 2 && isHexPrefix(text, start - 2);

/** Bytes of a word in hexadecimal; 0 for other numbers. A prefix shows that leading zeros may be left out. */
function wordBytes(digits: number, prefixed: boolean): number {
  if (digits === 4 || digits === 8 || digits === 16) return digits >> 1;
  if (!prefixed || digits < 3 || digits > 16) return 0;
  return digits < 4 ? 2 : digits === 6 || digits === 7 ? 4 : digits > 12 ? 8 : 0;
}

/** Bytes of a number that is written with this many decimal digits in most lists; 0 for longer ones. */
const inDecimal = (digits: number): 1 | 2 | 4 | 8 | 0 =>
  digits <= 3 ? 1 : digits <= 5 ? 2 : digits <= 10 ? 4 : digits <= 20 ? 8 : 0;

/** True for numbers that a form writes so. */
function isOf(
  { base, bytes }: ListForm,
  digits: number,
  top: number,
  prefixed: boolean,
  first: number,
): boolean {
  if (top >= base) return false;
  if (base === 16) return bytes === 1 ? digits <= 2 : wordBytes(digits, prefixed) > 0;
  if (base === 10) return inDecimal(digits) === bytes;
  if (base === 2) return digits === 8;
  return bytes === 1 ? digits === 3 || (digits === 4 && first === ZERO) : digits === 6;
}

/** The last number that was parsed: its halves of 32 bits. */
let [low, high] = [0, 0];

/** Parses digits. False if their value has more than 64 bits. */
function parse(text: Uint8Array, start: number, end: number, base: number): boolean {
  [low, high] = [0, 0];
  for (let at = start; at < end; at++) {
    const sum = low * base + HEX_VALUES[text[at]!]!;
    low = sum >>> 0;
    high = high * base + (sum - low) / 2 ** 32;
    if (high >= 2 ** 32) return false;
  }
  return true;
}

/** Negates the number, unless a signed one of this many bytes cannot have its value. */
function negate(bytes: number): void {
  const least = 2 ** (8 * (bytes > 4 ? bytes - 4 : bytes) - 1);
  if ((bytes > 4 ? high : low) > least) return;
  low = -low >>> 0;
  high = (~high + (low === 0 ? 1 : 0)) >>> 0;
  if (bytes < 4) low &= 2 ** (8 * bytes) - 1;
  if (bytes <= 4) high = 0;
}

const fits = (bytes: number): boolean =>
  bytes === 8 || (high === 0 && (bytes === 4 || low < 2 ** (8 * bytes)));

function readForm(text: Reading, tokens: Tokens, form: ListForm, isBig: boolean): Reading {
  const { bytes: shown } = text;
  const { count, starts, ends, tops } = tokens;
  const list = new ReadingBuilder(text, count * (form.bytes ?? 8));
  for (let token = 0; token < count; token++) {
    if (tops[token]! >= form.base) continue;
    const [start, end] = [starts[token]!, ends[token]!];
    const bytes = form.bytes ?? wordBytes(end - start, isPrefixed(shown, start));
    if (bytes === 0 || !parse(shown, start, end, form.base)) continue;
    if (form.base === 10 && shown[start - 1] === MINUS) negate(bytes);
    if (!fits(bytes)) continue;
    for (let at = 0; at < bytes; at++) {
      const byte = isBig ? bytes - 1 - at : at;
      list.add((byte < 4 ? low >>> (8 * byte) : high >>> (8 * (byte - 4))) & 0xff, start, end);
    }
  }
  return list.finish();
}

/** What the numbers of a text are. */
interface Counted {
  /** Digits of the numbers that each form writes like this, and their bytes. */
  digits: Uint32Array;
  bytes: Uint32Array;
  /** True for bytes of one digit, which pairs of digits do not read. */
  hasSingles: boolean;
  /** True for words without leading zeros. */
  hasShort: boolean;
  hasLetters: boolean;
}

function counted(text: Uint8Array, { count, starts, ends, tops }: Tokens): Counted {
  const digits = new Uint32Array(FORMS.length);
  const bytes = new Uint32Array(FORMS.length);
  let [hasSingles, hasShort, hasLetters] = [false, false, false];
  for (let token = 0; token < count; token++) {
    const [start, top] = [starts[token]!, tops[token]!];
    const length = ends[token]! - start;
    const prefixed = isPrefixed(text, start);
    const word = wordBytes(length, prefixed);
    if (length === 1 && prefixed) hasSingles = true;
    if (word * 2 > length) hasShort = true;
    if (top > 9 || prefixed) hasLetters = true;
    for (let form = 0; form < FORMS.length; form++)
      if (isOf(FORMS[form]!, length, top, prefixed, text[start]!)) {
        digits[form]! += length;
        bytes[form]! += FORMS[form]!.bytes ?? word;
      }
  }
  return { digits, bytes, hasSingles, hasShort, hasLetters };
}

/**
 * Lists of integers as programs and debuggers print them: bytes and words of 16, 32 and 64 bits, in
 * hexadecimal, decimal (also signed), octal and binary, in both byte orders. Prefixes, suffixes and keys that
 * count up are dropped. Pairs of digits are read as hexadecimal text instead. `share`: least share of all
 * digits that a form must have.
 */
export function* readLists(text: Reading, share = 0): Generator<Reading> {
  const tokens = tokensOf(text.bytes);
  if (tokens.digits < LEAST) return;
  const { digits, bytes, hasSingles, hasShort, hasLetters } = counted(text.bytes, tokens);
  for (const [index, form] of FORMS.entries()) {
    if (bytes[index]! < LEAST || digits[index]! < share * tokens.digits) continue;
    if (form.base === 16 && !hasLetters && tokens.digits >= DIGITS_OF_HEX) continue;
    if (form.base === 16 && form.bytes === 1 && !hasSingles) continue;
    yield readForm(text, tokens, form, false);
    const isPlain = form.bytes === 1 || (form.bytes === undefined && !hasShort);
    if (!isPlain) yield readForm(text, tokens, form, true);
  }
}
