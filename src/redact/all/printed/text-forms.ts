import {
  BASE64_DIGITS,
  BASE64_LAST,
  digitTable,
  HEX_VALUES,
  isHexPrefix,
} from '../../../encodings/digits.js';

/**
 * Parts of a text that may print bytes: base64 of text, lists of numbers and hex dumps, escapes. What they
 * are decoded by: printed.ts. Runs of digits that print a key itself are found by its windows.
 */
export const FORM = {
  base64: 1,
  pairs: 2,
  words: 4,
  decimals: 8,
  integers: 16,
  escapes: 32,
  numbers: 64,
} as const;

/** Receives the forms of the part [start, end) of a text, as bits. */
export type FormFound = (forms: number, start: number, end: number) => void;

/** Characters of the shortest base64 in which 12 characters of hex or base64 are text. */
const SHORTEST_BASE64 = 22;
/** Bytes of text in a row that base64 of random bytes does not decode to. */
const TEXT_IN_ROW = 12;
/** Digits of the shortest list. */
const LEAST_DIGITS = 16;
/** Escapes of one part. */
const LEAST_ESCAPES = 4;

const CLASS = { base64: 1, list: 2, hex: 4, decimal: 8, lead: 16, blank: 32, number: 64 } as const;
const CLASSES = new Uint8Array(256);
const classify = (characters: string, ...classes: (keyof typeof CLASS)[]): void => {
  for (const byte of Buffer.from(characters, 'latin1'))
    for (const name of classes) CLASSES[byte]! |= CLASS[name];
};
classify(`${BASE64_DIGITS}+/-_`, 'base64');
classify('0123456789', 'list', 'hex', 'decimal');
classify('abcdefABCDEF', 'list', 'hex');
classify(' ,;:.-_xX\t\n\r"\'()[]{}<>|+=\\%', 'list');
classify('\\%&', 'lead');
classify('\r\n', 'blank');
classify('0123456789abcdefABCDEFxuU#', 'number');

const MINUS = 0x2d;

/**
 * All parts of a text with a form. They may overlap. `isInner`: the text was printed itself; else plain hex
 * and base64 of bytes are left out, which a scan has found.
 */
export function formsIn(text: Uint8Array, isInner: boolean, found: FormFound): void {
  base64In(text, isInner, found);
  listsIn(text, isInner, found);
  escapesIn(text, found);
}

/** Characters between two escapes of one part, and around it: other bytes are printed as they are. */
const BETWEEN_ESCAPES = 16;

/** Characters with what escapes begin with, or none of it: most texts have few. */
const BLOCK = 2 ** 12;
const LEADS = [...Buffer.from('\\%&', 'latin1')];

/** Rows of escapes by number: those by name (`\n`) print no bytes, and are in all JSON. */
function escapesIn(text: Uint8Array, found: FormFound): void {
  let [start, last, count] = [0, Number.NEGATIVE_INFINITY, 0];
  const end = (): void => {
    const from = Math.max(0, start - BETWEEN_ESCAPES);
    if (count >= LEAST_ESCAPES) found(FORM.escapes, from, Math.min(text.length, last + BETWEEN_ESCAPES));
  };
  for (let block = 0; block < text.length; block += BLOCK) {
    const until = Math.min(text.length, block + BLOCK);
    const bytes = text.subarray(block, until);
    if (!LEADS.some((lead) => bytes.includes(lead))) continue;
    for (let at = block; at < until; at++) {
      if ((CLASSES[text[at]!]! & CLASS.lead) === 0 || (CLASSES[text[at + 1]!]! & CLASS.number) === 0)
        continue;
      if (at - last > BETWEEN_ESCAPES) {
        end();
        [start, count] = [at, 0];
      }
      last = at;
      count++;
    }
  }
  end();
}

/** A jump over text that has no run: every run of `shortest` characters has one at each of its multiples. */
function runFrom(text: Uint8Array, from: number, shortest: number, kind: number): number {
  for (let probe = from + shortest - 1; probe < text.length; ) {
    const least = probe - shortest + 1;
    let start = probe + 1;
    while (start > least && (CLASSES[text[start - 1]!]! & kind) !== 0) start--;
    if (start === least) return start;
    probe = start + shortest - 1;
  }
  return text.length;
}

function base64In(text: Uint8Array, isInner: boolean, found: FormFound): void {
  const { length } = text;
  for (let at = 0; at < length; at++) {
    at = runFrom(text, at, SHORTEST_BASE64, CLASS.base64);
    const start = at;
    let line = at;
    for (; at < length; at++) {
      const kind = CLASSES[text[at]!]!;
      if ((kind & CLASS.base64) !== 0) continue;
      // Lines of one text are long, but for the last.
      if ((kind & CLASS.blank) === 0 || (at - line < 2 * SHORTEST_BASE64 && at > line + 1)) break;
      line = at + 1;
    }
    if (at > start && (isInner || decodesToText(text, [start, at], BASE64_VALUES, 6)))
      found(FORM.base64, start, at);
  }
}

const BASE64_VALUES = digitTable(BASE64_DIGITS, BASE64_LAST);

/** ASCII, and the NULs of UTF-16. */
const isTextByte = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || byte === 0 || byte === 10;

/** NULs among the bytes of text in a row: in UTF-16 one beside each character. */
const MOST_ZEROS = 7;

let values = new Uint8Array(2 ** 12);

/** Collects the values of digits. Returns their number. */
function digitValues(text: Uint8Array, start: number, end: number, digits: Int8Array): number {
  // One more is read behind the last.
  if (values.length <= end - start) values = new Uint8Array(2 * (end - start));
  let count = 0;
  for (let at = start; at < end; at++) {
    const value = digits[text[at]!]!;
    if (value >= 0) values[count++] = value;
  }
  values[count] = 0;
  return count;
}

/**
 * True if digits of `width` bits have text in them, from any digit at which a byte may begin: others are of
 * no further form. Looks at the last byte of a row first.
 */
function decodesToText(
  text: Uint8Array,
  [start, end]: readonly [number, number],
  digits: Int8Array,
  width: 4 | 6,
): boolean {
  const count = digitValues(text, start, end, digits);
  for (let skip = 0; skip < (width === 4 ? 2 : 4); skip++) {
    const length = Math.floor(((count - skip) * width) / 8);
    for (let last = TEXT_IN_ROW - 1; last < length; ) {
      let [at, zeros] = [last, 0];
      for (; at > last - TEXT_IN_ROW; at--) {
        const bit = 8 * at;
        const digit = Math.floor(bit / width);
        const pair = (values[skip + digit]! << width) | values[skip + digit + 1]!;
        const byte = (pair >> (2 * width - 8 - (bit - digit * width))) & 0xff;
        if (!isTextByte(byte)) break;
        if (byte === 0) zeros++;
      }
      if (at > last - TEXT_IN_ROW) last = at + TEXT_IN_ROW;
      else if (zeros > MOST_ZEROS) last += zeros - MOST_ZEROS;
      else return true;
    }
  }
  return false;
}

function listsIn(text: Uint8Array, isInner: boolean, found: FormFound): void {
  const { length } = text;
  for (let at = 0; at < text.length; at++) {
    at = runFrom(text, at, LEAST_DIGITS, CLASS.list);
    while (at < text.length && (CLASSES[text[at]!]! & (CLASS.hex | CLASS.list)) === CLASS.list) at++;
    if ((CLASSES[text[at]!]! & CLASS.hex) === 0) continue;
    // The sign of the first number.
    const start = text[at - 1] === MINUS ? at - 1 : at;
    let [groups, all, pairs, words, decimals, integers] = [0, 0, 0, 0, 0, 0];
    while (at < length) {
      const kind = CLASSES[text[at]!]!;
      if ((kind & CLASS.list) === 0) break;
      if ((kind & CLASS.hex) === 0) {
        at++;
        continue;
      }
      // The 0 of a prefix is no digit.
      if (isHexPrefix(text, at)) {
        at += 2;
        continue;
      }
      const first = at;
      groups++;
      let common = kind;
      for (; at < length; at++) {
        const next = CLASSES[text[at]!]!;
        if ((next & CLASS.hex) === 0) break;
        common &= next;
      }
      const isDecimal = (common & CLASS.decimal) !== 0;
      const count = at - first;
      all += count;
      if (count % 2 === 0 || isHexPrefix(text, first - 2)) pairs += count;
      if (count === 4 || count === 8 || count === 16) words += count;
      if (isDecimal && count <= 3) decimals += count;
      if (isDecimal && count >= 6 && count <= 10) integers += count;
    }
    if (all < LEAST_DIGITS || (groups === 5 && isUuid(text, start, all))) continue;
    if (groups === 1 && !isInner && !decodesToText(text, [start, at], HEX_VALUES, 4)) continue;
    const most = all / 2;
    const forms =
      (pairs >= most ? FORM.pairs : 0) |
      (words >= most ? FORM.words : 0) |
      (decimals >= most ? FORM.decimals : 0) |
      (integers >= most ? FORM.integers : 0);
    if (forms !== 0) found(forms, start, at);
  }
}

/** RFC 9562: 8, 4, 4, 4 and 12 digits. Logs have many. */
const isUuid = (text: Uint8Array, at: number, digits: number): boolean =>
  digits === 32 && [8, 13, 18, 23].every((dash) => text[at + dash] === MINUS);
