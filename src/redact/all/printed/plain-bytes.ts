import { FORM } from './text-forms.js';

/**
 * What a list of numbers prints, by each way to read it: as much as the decoders of its form read, without
 * the places that it comes from, which few lists are asked for.
 */

/** Receives the first `length` bytes of the target. `leastText`: bytes of text in a row that count, if known. */
export type PlainFound = (length: number, leastText?: number) => void;
type Plain = (text: Uint8Array, target: Uint8Array, found: PlainFound) => void;

/** Bytes for each character: a number of one digit and a separator are four bytes. */
export const MOST_EACH = 2;

const HEX = new Int8Array(256).fill(-1);
for (const digits of ['0123456789abcdef', '0123456789ABCDEF'])
  for (const [value, digit] of [...Buffer.from(digits, 'latin1')].entries()) HEX[digit] = value;

const [ZERO, NINE, MINUS, LOWER_X, UPPER_X] = [0x30, 0x39, 0x2d, 0x78, 0x58];
const isX = (byte: number | undefined): boolean => byte === LOWER_X || byte === UPPER_X;
const isPrefix = (text: Uint8Array, at: number): boolean => text[at] === ZERO && isX(text[at + 1]);

/** Digits from which on a list of them without letters is of decimal numbers: hex of text has letters too. */
const NO_HEX = 128;
/** Bytes of text in a row in such a list, most of whose pairs are of some character. */
const TEXT_OF_DECIMALS = 32;

let nibbles = new Uint8Array(2 ** 14);

/** Pairs of digits from the first or second digit on, in both byte orders. */
function pairs(text: Uint8Array, target: Uint8Array, found: PlainFound): void {
  if (nibbles.length < text.length) nibbles = new Uint8Array(text.length);
  let count = 0;
  let isDecimal = true;
  for (let at = 0; at < text.length; at++) {
    const digit = HEX[text[at]!]!;
    if (digit < 0 || (digit === 0 && isX(text[at + 1]))) continue;
    if (digit > 9) isDecimal = false;
    nibbles[count++] = digit;
  }
  const leastText = isDecimal && count >= NO_HEX ? TEXT_OF_DECIMALS : 0;
  for (const skip of [0, 1]) {
    const length = Math.max(0, (count - skip) >> 1);
    for (let at = 0, from = skip; at < length; at++, from += 2)
      target[at] = (nibbles[from]! << 4) | nibbles[from + 1]!;
    found(length, leastText);
    target.subarray(0, length).reverse();
    found(length, leastText);
  }
}

/** Numbers of one or two digits that have a prefix. */
function items(text: Uint8Array, target: Uint8Array, found: PlainFound): void {
  if (!text.includes(LOWER_X) && !text.includes(UPPER_X)) return;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    if (!isPrefix(text, at)) continue;
    const [high, low] = [HEX[text[at + 2]!] ?? -1, HEX[text[at + 3]!] ?? -1];
    if (high < 0 || (low >= 0 && (HEX[text[at + 4]!] ?? -1) >= 0)) continue;
    target[length++] = low < 0 ? high : (high << 4) | low;
    at += low < 0 ? 2 : 3;
  }
  found(length);
}

/** Words of 4, 8 or 16 digits, each with its last byte first. */
function words(text: Uint8Array, target: Uint8Array, found: PlainFound): void {
  let [length, start] = [0, -1];
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && HEX[text[at]!]! >= 0 && !isPrefix(text, at)) {
      if (start < 0) start = at;
      continue;
    }
    const digits = start < 0 ? 0 : at - start;
    if (digits === 4 || digits === 8 || digits === 16)
      for (let low = at - 2; low >= start; low -= 2)
        target[length++] = (HEX[text[low]!]! << 4) | HEX[text[low + 1]!]!;
    start = -1;
  }
  found(length);
}

/** Bytes, of which some may have a sign. */
function decimals(text: Uint8Array, target: Uint8Array, found: PlainFound): void {
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at]! < ZERO || text[at]! > NINE) continue;
    const isNegative = text[at - 1] === MINUS;
    let value = 0;
    for (; at < text.length && text[at]! >= ZERO && text[at]! <= NINE; at++)
      value = Math.min(1000, value * 10 + text[at]! - ZERO);
    if (isNegative && value > 0 && value <= 128) value = 256 - value;
    if (value < 256) target[length++] = value;
  }
  found(length);
}

const MOST_DIGITS = 10;
const WORD = 2 ** 32;

/** Integers of 32 bits, each with its last byte first, then with its first. */
function integers(text: Uint8Array, target: Uint8Array, found: PlainFound): void {
  let length = 0;
  for (let at = 0; at < text.length; ) {
    if (text[at]! < ZERO || text[at]! > NINE) {
      at++;
      continue;
    }
    const isNegative = text[at - 1] === MINUS;
    const end = Math.min(text.length, at + MOST_DIGITS);
    let value = 0;
    for (; at < end && text[at]! >= ZERO && text[at]! <= NINE; at++) value = value * 10 + text[at]! - ZERO;
    if (isNegative) value = -value;
    if (value >= WORD || value < -WORD / 2) continue;
    const word = value | 0;
    target[length] = word;
    target[length + 1] = word >> 8;
    target[length + 2] = word >> 16;
    target[length + 3] = word >> 24;
    length += 4;
  }
  found(length);
  for (let at = 0; at < length; at += 4) {
    const [first, second] = [target[at]!, target[at + 1]!];
    target[at] = target[at + 3]!;
    target[at + 1] = target[at + 2]!;
    target[at + 2] = second;
    target[at + 3] = first;
  }
  found(length);
}

/** By form. The others are not lists. */
export const PLAIN: readonly (readonly [form: number, plain: Plain])[] = [
  [FORM.pairs, pairs],
  [FORM.pairs, items],
  [FORM.words, words],
  [FORM.decimals, decimals],
  [FORM.integers, integers],
];
