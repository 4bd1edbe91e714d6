import { BASE64_DIGITS, BASE64_VALUES, HEX_VALUES, isHexPrefix } from '../../../core/encodings/digits.js';
import { ascii85In, base32In, uuencodeIn } from '../../../core/encodings/groups.js';
import { LINE_ENDS, listingsIn } from '../../../core/encodings/listings.js';
import { type RunKind, runFrom } from '../../../core/encodings/runs.js';
import { FORM } from '../../../core/encodings/text-forms.js';
import { narrowRuns } from './text-runs.js';

/**
 * Parts of a text that may print bytes: base64 of text, lists of numbers and hex dumps, escapes. What they
 * are read by: src/core/encodings/text-forms.ts. Digits that print a key itself are found by its windows.
 */

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

const CLASS = { base64: 1, list: 2, hex: 4, blank: 8, number: 16 } as const;
const CLASSES = new Uint8Array(256);
const classify = (characters: string, ...classes: (keyof typeof CLASS)[]): void => {
  for (const byte of Buffer.from(characters, 'latin1'))
    for (const name of classes) CLASSES[byte]! |= CLASS[name];
};
classify(`${BASE64_DIGITS}+/-_`, 'base64');
classify('0123456789', 'list', 'hex');
classify('abcdefABCDEF', 'list', 'hex');
classify(' ,;:.-_xXuUlLn\t\n\r"\'()[]{}<>|+=\\%', 'list');
const BASE64_RUN: RunKind = { kinds: CLASSES, kind: CLASS.base64, least: SHORTEST_BASE64 };
const LIST_RUN: RunKind = { kinds: CLASSES, kind: CLASS.list, least: LEAST_DIGITS };
classify('\r\n', 'blank');
classify('0123456789abcdefABCDEFxuU#', 'number');

const MINUS = 0x2d;

/**
 * All parts of a text with a form. They may overlap. `isInner`: the text was printed itself; else plain hex
 * and base64 of bytes are left out, which a scan has found.
 */
export function formsIn(text: Uint8Array, isInner: boolean, found: FormFound): void {
  escapesIn(text, found);
  const ends = LINE_ENDS.map((end) => new NextEnd(text, end));
  narrowRuns(text, text.length, (start, count) => {
    const end = start + count;
    base64In(text, start, end, isInner, found);
    listsIn(text, start, end, isInner, found);
    ascii85In(text, start, end, (from, to) => found(FORM.ascii85, from, to));
    if (!ends[0]!.isIn(start, end) && !ends[1]!.isIn(start, end)) return;
    listingsIn(text, start, end, (lines) =>
      found(FORM.listing | FORM.cells, lines[0]!.start, lines.at(-1)!.end),
    );
    uuencodeIn(text, start, end, (from, to) => found(FORM.uuencode, from, to));
  });
}

/** The next end of a line in a text: most runs have none. */
class NextEnd {
  readonly #text: Buffer;
  readonly #end: Buffer;
  #next: number;

  constructor(text: Uint8Array, end: Buffer) {
    this.#text = Buffer.from(text.buffer, text.byteOffset, text.length);
    this.#end = end;
    this.#next = this.#text.indexOf(end);
  }

  /** True if a part of the text has one. Parts are asked for in ascending order. */
  isIn(start: number, end: number): boolean {
    if (this.#next >= 0 && this.#next < start) this.#next = this.#text.indexOf(this.#end, start);
    return this.#next >= 0 && this.#next < end;
  }
}

/** Characters between two escapes of one part, and around it: other bytes are printed as they are. */
const BETWEEN_ESCAPES = 16;

const IS_LEAD = new Uint8Array(256);
for (const lead of Buffer.from('\\%&', 'latin1')) IS_LEAD[lead] = 1;

/** Index of the next character that escapes begin with; `to` if there is none. */
function leadFrom(text: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (IS_LEAD[text[at]!] === 1) return at;
  return to;
}

/** Rows of escapes by number: those by name (`\n`) print no bytes, and are in all JSON. */
function escapesIn(text: Uint8Array, found: FormFound): void {
  let [start, last, count] = [0, Number.NEGATIVE_INFINITY, 0];
  const end = (): void => {
    const from = Math.max(0, start - BETWEEN_ESCAPES);
    if (count >= LEAST_ESCAPES) found(FORM.escapes, from, Math.min(text.length, last + BETWEEN_ESCAPES));
  };
  const { length } = text;
  for (let at = leadFrom(text, 0, length); at < length; at = leadFrom(text, at + 1, length)) {
    if ((CLASSES[text[at + 1]!]! & CLASS.number) === 0) continue;
    if (at - last > BETWEEN_ESCAPES) {
      end();
      [start, count] = [at, 0];
    }
    last = at;
    count++;
  }
  end();
}

function base64In(text: Uint8Array, from: number, length: number, isInner: boolean, found: FormFound): void {
  for (let at = from; at < length; at++) {
    at = runFrom(text, at, length, BASE64_RUN);
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
    if (at > start) base32In(text, start, at, (...part) => found(FORM.base32, ...part));
  }
}

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

function listsIn(text: Uint8Array, from: number, length: number, isInner: boolean, found: FormFound): void {
  for (let at = from; at < length; at++) {
    at = runFrom(text, at, length, LIST_RUN);
    while (at < length && (CLASSES[text[at]!]! & (CLASS.hex | CLASS.list)) === CLASS.list) at++;
    if (at === length || (CLASSES[text[at]!]! & CLASS.hex) === 0) continue;
    // The sign of the first number.
    const start = text[at - 1] === MINUS ? at - 1 : at;
    let [groups, all, pairs] = [0, 0, 0];
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
      while (at < length && (CLASSES[text[at]!]! & CLASS.hex) !== 0) at++;
      const count = at - first;
      all += count;
      if (count % 2 === 0 || isHexPrefix(text, first - 2)) pairs += count;
    }
    if (all < LEAST_DIGITS || (groups === 5 && isUuid(text, start, all))) continue;
    if (groups === 1 && !isInner && !decodesToText(text, [start, at], HEX_VALUES, 4)) continue;
    const forms = (pairs >= all / 2 ? FORM.hex : 0) | (groups > 1 ? FORM.list : 0);
    if (forms !== 0) found(forms, start, at);
  }
}

/** RFC 9562: 8, 4, 4, 4 and 12 digits. Logs have many. */
const isUuid = (text: Uint8Array, at: number, digits: number): boolean =>
  digits === 32 && [8, 13, 18, 23].every((dash) => text[at + dash] === MINUS);
