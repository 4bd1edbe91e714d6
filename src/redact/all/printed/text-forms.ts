/**
 * Parts of a text that may print bytes: base64 of text, lists of numbers and hex dumps, escapes. What they
 * are decoded by: printed.ts. Runs of digits that print a key itself are found by its windows.
 */
export const FORM = { base64: 1, pairs: 2, words: 4, decimals: 8, integers: 16, escapes: 32 } as const;

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
classify('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_', 'base64');
classify('0123456789', 'list', 'hex', 'decimal');
classify('abcdefABCDEF', 'list', 'hex');
classify(' ,;:.-_xX\t\n\r"\'()[]{}<>|+=\\%', 'list');
classify('\\%&', 'lead');
classify('\r\n', 'blank');
classify('0123456789abcdefABCDEFxuU#', 'number');

const [MINUS, ZERO, X, UPPER_X] = [0x2d, 0x30, 0x78, 0x58];

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

/** Rows of escapes by number: those by name (`\n`) print no bytes, and are in all JSON. */
function escapesIn(text: Uint8Array, found: FormFound): void {
  let [start, last, count] = [0, Number.NEGATIVE_INFINITY, 0];
  const end = (): void => {
    const from = Math.max(0, start - BETWEEN_ESCAPES);
    if (count >= LEAST_ESCAPES) found(FORM.escapes, from, Math.min(text.length, last + BETWEEN_ESCAPES));
  };
  for (let at = 0; at < text.length; at++) {
    if ((CLASSES[text[at]!]! & CLASS.lead) === 0 || (CLASSES[text[at + 1]!]! & CLASS.number) === 0) continue;
    if (at - last > BETWEEN_ESCAPES) {
      end();
      [start, count] = [at, 0];
    }
    last = at;
    count++;
  }
  end();
}

function base64In(text: Uint8Array, isInner: boolean, found: FormFound): void {
  for (let at = 0; at < text.length; at++) {
    if ((CLASSES[text[at]!]! & CLASS.base64) === 0) continue;
    const start = at;
    let line = at;
    for (; at < text.length; at++) {
      const kind = CLASSES[text[at]!]!;
      if ((kind & CLASS.base64) !== 0) continue;
      // Lines of one text are long, but for the last.
      if ((kind & CLASS.blank) === 0 || (at - line < 2 * SHORTEST_BASE64 && at > line + 1)) break;
      line = at + 1;
    }
    if (at - start >= SHORTEST_BASE64 && (isInner || decodesToText(text, [start, at], BASE64, 6)))
      found(FORM.base64, start, at);
  }
}

const digitTable = (...alphabets: string[]): Int8Array => {
  const table = new Int8Array(256).fill(-1);
  for (const digits of alphabets)
    for (const [value, digit] of [...Buffer.from(digits, 'latin1')].entries()) table[digit] = value;
  return table;
};
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE64 = digitTable(`${LETTERS}0123456789+/`, `${LETTERS}0123456789-_`);
const HEX = digitTable('0123456789abcdef', '0123456789ABCDEF');

/** ASCII, and the NULs of UTF-16. */
const isTextByte = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || byte === 0 || byte === 10;

/** Counts bytes of text in a row: NULs are of UTF-16, each beside a character. */
class TextRow {
  #length = 0;
  #zeros = 0;

  /** True if text has been found. */
  add(byte: number): boolean {
    if (!isTextByte(byte)) {
      this.#length = 0;
      this.#zeros = 0;
      return false;
    }
    this.#length++;
    if (byte === 0) this.#zeros++;
    return this.#length >= TEXT_IN_ROW && 2 * this.#zeros <= this.#length + 1;
  }
}

/**
 * True if digits of `width` bits have text in them, from any digit at which a byte may begin: others are of
 * no further form.
 */
function decodesToText(
  text: Uint8Array,
  [start, end]: readonly [number, number],
  digits: Int8Array,
  width: 4 | 6,
): boolean {
  for (let skip = 0; skip < (width === 4 ? 2 : 4); skip++) {
    const row = new TextRow();
    let [bits, value] = [0, 0];
    for (let at = start + skip; at < end; at++) {
      const digit = digits[text[at]!]!;
      if (digit < 0) continue;
      value = ((value << width) | digit) & 0xffff;
      bits += width;
      if (bits < 8) continue;
      bits -= 8;
      if (row.add((value >> bits) & 0xff)) return true;
    }
  }
  return false;
}

function listsIn(text: Uint8Array, isInner: boolean, found: FormFound): void {
  for (let at = 0; at < text.length; at++) {
    if ((CLASSES[text[at]!]! & CLASS.hex) === 0) continue;
    // The sign of the first number.
    const start = text[at - 1] === MINUS ? at - 1 : at;
    let groups = 0;
    const digits = { all: 0, pairs: 0, words: 0, decimals: 0, integers: 0 };
    while (at < text.length && (CLASSES[text[at]!]! & CLASS.list) !== 0) {
      if ((CLASSES[text[at]!]! & CLASS.hex) === 0) {
        at++;
        continue;
      }
      // The 0 of a prefix is no digit.
      if (text[at] === ZERO && (text[at + 1] === X || text[at + 1] === UPPER_X)) {
        at += 2;
        continue;
      }
      const first = at;
      groups++;
      let isDecimal = true;
      for (; at < text.length && (CLASSES[text[at]!]! & CLASS.hex) !== 0; at++)
        if ((CLASSES[text[at]!]! & CLASS.decimal) === 0) isDecimal = false;
      const length = at - first;
      digits.all += length;
      if (length % 2 === 0 || isPrefixed(text, first)) digits.pairs += length;
      if (length === 4 || length === 8 || length === 16) digits.words += length;
      if (isDecimal && length <= 3) digits.decimals += length;
      if (isDecimal && length >= 6 && length <= 10) digits.integers += length;
    }
    if (digits.all < LEAST_DIGITS || (groups === 5 && isUuid(text, start, digits.all))) continue;
    if (groups === 1 && !isInner && !decodesToText(text, [start, at], HEX, 4)) continue;
    const most = digits.all / 2;
    const forms =
      (digits.pairs >= most ? FORM.pairs : 0) |
      (digits.words >= most ? FORM.words : 0) |
      (digits.decimals >= most ? FORM.decimals : 0) |
      (digits.integers >= most ? FORM.integers : 0);
    if (forms !== 0) found(forms, start, at);
  }
}

const isPrefixed = (text: Uint8Array, at: number): boolean =>
  (text[at - 1] === X || text[at - 1] === UPPER_X) && text[at - 2] === ZERO;

/** RFC 9562: 8, 4, 4, 4 and 12 digits. Logs have many. */
const isUuid = (text: Uint8Array, at: number, digits: number): boolean =>
  digits === 32 && [8, 13, 18, 23].every((dash) => text[at + dash] === MINUS);
