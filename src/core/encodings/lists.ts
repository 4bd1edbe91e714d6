import { HEX_VALUES, isHexPrefix, isX } from './digits.js';
import { type Reading, ReadingBuilder } from './reading.js';

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

/** True for the end of a key: `"12":`, `'12':`, `[12] =>`. */
function endsKey(text: Uint8Array, at: number): boolean {
  if (!isQuote(text[at]) && text[at] !== BRACKET) return false;
  const next = text[at + 1] === SPACE ? text[at + 2] : text[at + 1];
  return next === COLON || next === EQUALS;
}

/** The last run of digits that was walked over: its start, its end and its highest digit. */
const token = { start: 0, end: 0, top: 0 };

/** Walks to the next run of hexadecimal digits, without prefixes and keys. False if there is none. */
function nextToken(text: Uint8Array, from: number): boolean {
  for (let at = from; at < text.length; at++) {
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
    token.start = start;
    token.end = at;
    token.top = top;
    return true;
  }
  return false;
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

function readForm(text: Reading, form: ListForm, count: number, isBig: boolean): Reading {
  const { bytes: shown } = text;
  const list = new ReadingBuilder(text, count * (form.bytes ?? 8));
  for (let at = 0; nextToken(shown, at); at = token.end) {
    const { start, end, top } = token;
    if (top >= form.base) continue;
    const bytes = form.bytes ?? wordBytes(end - start, isPrefixed(shown, start));
    if (bytes === 0 || !parse(shown, start, end, form.base)) continue;
    if (form.base === 10 && shown[start - 1] === MINUS) negate(bytes);
    if (!fits(bytes)) continue;
    for (let index = 0; index < bytes; index++) {
      const byte = isBig ? bytes - 1 - index : index;
      list.add((byte < 4 ? low >>> (8 * byte) : high >>> (8 * (byte - 4))) & 0xff, start, end);
    }
  }
  return list.finish();
}

/** What the numbers of the last text are. Without allocation: most texts have no list. */
const counted = {
  count: 0,
  digits: 0,
  /** Digits of the numbers that each form writes like this, and their bytes. */
  digitsOf: new Uint32Array(FORMS.length),
  bytesOf: new Uint32Array(FORMS.length),
  /** True for bytes of one digit, which pairs of digits do not read. */
  hasSingles: false,
  /** True for words without leading zeros. */
  hasShort: false,
  hasLetters: false,
};

const indexOf = (base: number, bytes?: number): number =>
  FORMS.findIndex((form) => form.base === base && form.bytes === bytes);
const [HEX_BYTES, HEX_WORDS, OCTAL_BYTES, OCTAL_WORDS, BINARY] = [
  ...[indexOf(16, 1), indexOf(16), indexOf(8, 1), indexOf(8, 2), indexOf(2, 1)],
] as [number, number, number, number, number];
/** Indices of the decimal forms by the bytes of their numbers. */
const DECIMAL = Array.from({ length: 9 }, (_, bytes) => indexOf(10, bytes));

function countAs(form: number, digits: number, bytes: number): void {
  counted.digitsOf[form]! += digits;
  counted.bytesOf[form]! += bytes;
}

function count(text: Uint8Array): void {
  counted.count = 0;
  counted.digits = 0;
  counted.digitsOf.fill(0);
  counted.bytesOf.fill(0);
  counted.hasSingles = false;
  counted.hasShort = false;
  counted.hasLetters = false;
  for (let at = 0; nextToken(text, at); at = token.end) {
    const { start, end, top } = token;
    const digits = end - start;
    const prefixed = isPrefixed(text, start);
    const word = wordBytes(digits, prefixed);
    counted.count++;
    counted.digits += digits;
    if (digits === 1 && prefixed) counted.hasSingles = true;
    if (word * 2 > digits) counted.hasShort = true;
    if (top > 9 || prefixed) counted.hasLetters = true;
    if (digits <= 2) countAs(HEX_BYTES, digits, 1);
    if (word > 0) countAs(HEX_WORDS, digits, word);
    const decimal = top > 9 ? 0 : inDecimal(digits);
    if (decimal > 0) countAs(DECIMAL[decimal]!, digits, decimal);
    if (top < 8 && (digits === 3 || (digits === 4 && text[start] === ZERO))) countAs(OCTAL_BYTES, digits, 1);
    if (top < 8 && digits === 6) countAs(OCTAL_WORDS, digits, 2);
    if (top < 2 && digits === 8) countAs(BINARY, digits, 1);
  }
}

/** The forms that a text has, by their indices. */
function formsOf(share: number): number[] {
  const { digits, digitsOf, bytesOf, hasLetters, hasSingles } = counted;
  const found: number[] = [];
  for (let index = 0; index < FORMS.length; index++) {
    if (bytesOf[index]! < LEAST || digitsOf[index]! < share * digits) continue;
    if (FORMS[index]!.base === 16 && !hasLetters && digits >= DIGITS_OF_HEX) continue;
    if (index === HEX_BYTES && !hasSingles) continue;
    found.push(index);
  }
  return found;
}

/**
 * Lists of integers as programs and debuggers print them: bytes and words of 16, 32 and 64 bits, in
 * hexadecimal, decimal (also signed), octal and binary, in both byte orders. Prefixes, suffixes and keys that
 * count up are dropped. Pairs of digits are read as hexadecimal text instead. `share`: least share of all
 * digits that a form must have.
 */
export function* readLists(text: Reading, share = 0): Generator<Reading> {
  count(text.bytes);
  if (counted.digits < LEAST) return;
  const { count: most, hasShort } = counted;
  for (const index of formsOf(share)) {
    const form = FORMS[index]!;
    yield readForm(text, form, most, false);
    if (form.bytes !== 1 && (index !== HEX_WORDS || hasShort)) yield readForm(text, form, most, true);
  }
}
