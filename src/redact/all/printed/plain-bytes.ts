import { HEX_VALUES, isHexPrefix, isX } from '../../../encodings/digits.js';
import { FORM } from './text-forms.js';

/**
 * What a list of numbers prints, by each way to read it: as much as the decoders of its form read, without
 * the places that it comes from, which few lists are asked for.
 */

/** Writes what a text prints into a target, from an index on. Returns the index behind it. */
type Plain = (text: Uint8Array, target: Uint8Array, at: number) => number;

/** Most decoded bytes for each character, in all forms: a number of one digit is eight in one of them. */
export const MOST_EACH = 8;
/** Zeros behind each way to read a text: no part of a key goes over them, and no text. */
const BETWEEN = 64;

const [ZERO, NINE, MINUS, LOWER_X, UPPER_X] = [0x30, 0x39, 0x2d, 0x78, 0x58];

let nibbles = new Uint8Array(2 ** 14);

/** Collects the values of digits. Returns their number. */
function digitsOf(text: Uint8Array): number {
  if (nibbles.length <= text.length) nibbles = new Uint8Array(2 * text.length);
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = HEX_VALUES[text[at]!]!;
    if (digit >= 0 && (digit !== 0 || !isX(text[at + 1]))) nibbles[count++] = digit;
  }
  return count;
}

function pairsFrom(count: number, skip: number, target: Uint8Array, at: number): number {
  const end = at + Math.max(0, (count - skip) >> 1);
  for (let from = skip; at < end; at++, from += 2) target[at] = (nibbles[from]! << 4) | nibbles[from + 1]!;
  return end;
}

/** Pairs of digits from the first or second digit on, in both byte orders. */
function pairs(text: Uint8Array, target: Uint8Array, from: number): number {
  const count = digitsOf(text);
  let at = from;
  for (const skip of [0, 1]) {
    const end = pairsFrom(count, skip, target, at);
    const next = nextWay(target, end);
    for (let byte = end - 1, to = next; byte >= at; byte--, to++) target[to] = target[byte]!;
    at = nextWay(target, next + end - at);
  }
  return at;
}

/** Numbers of one or two digits that have a prefix. */
function items(text: Uint8Array, target: Uint8Array, from: number): number {
  if (!text.includes(LOWER_X) && !text.includes(UPPER_X)) return from;
  let length = from;
  for (let at = 0; at < text.length; at++) {
    if (!isHexPrefix(text, at)) continue;
    const [high, low] = [HEX_VALUES[text[at + 2]!] ?? -1, HEX_VALUES[text[at + 3]!] ?? -1];
    if (high < 0 || (low >= 0 && (HEX_VALUES[text[at + 4]!] ?? -1) >= 0)) continue;
    target[length++] = low < 0 ? high : (high << 4) | low;
    at += low < 0 ? 2 : 3;
  }
  return length;
}

/** Words of 4, 8 or 16 digits, each with its last byte first. */
function words(text: Uint8Array, target: Uint8Array, from: number): number {
  let [length, start] = [from, -1];
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && HEX_VALUES[text[at]!]! >= 0 && !isHexPrefix(text, at)) {
      if (start < 0) start = at;
      continue;
    }
    const digits = start < 0 ? 0 : at - start;
    if (digits === 4 || digits === 8 || digits === 16)
      for (let low = at - 2; low >= start; low -= 2)
        target[length++] = (HEX_VALUES[text[low]!]! << 4) | HEX_VALUES[text[low + 1]!]!;
    start = -1;
  }
  return length;
}

/** Bytes, of which some may have a sign. */
function decimals(text: Uint8Array, target: Uint8Array, from: number): number {
  let length = from;
  for (let at = 0; at < text.length; at++) {
    if (text[at]! < ZERO || text[at]! > NINE) continue;
    const isNegative = text[at - 1] === MINUS;
    let value = 0;
    for (; at < text.length && text[at]! >= ZERO && text[at]! <= NINE; at++)
      value = Math.min(1000, value * 10 + text[at]! - ZERO);
    if (isNegative && value > 0 && value <= 128) value = 256 - value;
    if (value < 256) target[length++] = value;
  }
  return length;
}

const MOST_DIGITS = 10;
const WORD = 2 ** 32;

/** Integers of 32 bits, each with its last byte first, then with its first. */
function integers(text: Uint8Array, target: Uint8Array, from: number): number {
  let length = from;
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
  const next = nextWay(target, length);
  for (let at = from; at < length; at += 4)
    for (let byte = 0; byte < 4; byte++) target[next + at - from + byte] = target[at + 3 - byte]!;
  return next + length - from;
}

/** By form. The others are not lists. */
const PLAIN: readonly (readonly [form: number, plain: Plain])[] = [
  [FORM.pairs, pairs],
  [FORM.pairs, items],
  [FORM.words, words],
  [FORM.decimals, decimals],
  [FORM.integers, integers],
];

/** A multiple of four behind zeros. */
function nextWay(target: Uint8Array, at: number): number {
  const next = (at + BETWEEN + 3) & ~3;
  target.fill(0, at, next);
  return next;
}

/** Digits among which hex of a key has letters: without, they are of decimal numbers, or print text. */
const DIGITS_OF_HEX = 128;
/** First digits of pairs that are a character. */
const [FIRST, LAST] = [2, 7];

/**
 * Pairs in a row, from any digit on, that may be characters in a text with many digits and no letters of hex;
 * -1 for any other text.
 */
export function charactersInNumbers(text: Uint8Array): number {
  let [count, row, other, longest] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const digit = HEX_VALUES[text[at]!]!;
    if (digit < 0) continue;
    if (digit > 9) return -1;
    count++;
    // Every second digit is the first of a pair.
    const next = digit >= FIRST && digit <= LAST ? other + 1 : 0;
    other = row;
    row = next;
    if (next > longest) longest = next;
  }
  return count < DIGITS_OF_HEX ? -1 : longest;
}

/** Writes pairs of digits as they are printed, from the first or second on. Returns the index behind them. */
export function plainPairs(text: Uint8Array, target: Uint8Array): number {
  const count = digitsOf(text);
  return pairsFrom(count, 1, target, nextWay(target, pairsFrom(count, 0, target, 0)));
}

/**
 * Writes what a text prints in some forms into a target, from a multiple of four on. Returns the multiple of
 * four behind it.
 */
export function plainBytes(text: Uint8Array, forms: number, target: Uint8Array, at: number): number {
  let end = at;
  for (const [form, plain] of PLAIN)
    if ((forms & form) !== 0) end = nextWay(target, plain(text, target, end));
  return end;
}
