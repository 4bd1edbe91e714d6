import { type Decoder, readBase32, readBase64, readEscaped, readHex } from '../../../encodings/decoders.js';
import { HEX_VALUES } from '../../../encodings/digits.js';
import { readAscii85, readUuencode } from '../../../encodings/groups.js';
import { readCells, readListings } from '../../../encodings/listings.js';
import { readLists } from '../../../encodings/lists.js';
import { withScratch } from '../../../encodings/scratch.js';
import { FORM, formsIn } from './text-forms.js';

/** Share of the digits of a list that its numbers have. */
const LEAST_SHARE = 0.5;

/** What each form is read by. */
export const DECODERS: readonly (readonly [form: number, decode: Decoder])[] = [
  [FORM.base64, readBase64],
  [FORM.hex, readHex],
  [FORM.list, (text) => readLists(text, LEAST_SHARE)],
  [FORM.escapes, readEscaped],
  [FORM.listing, readListings],
  [FORM.cells, readCells],
  [FORM.base32, readBase32],
  [FORM.ascii85, readAscii85],
  [FORM.uuencode, readUuencode],
];

/** Most decoded bytes for each character, in all forms: a number of one digit is sixteen in one of them. */
export const MOST_EACH = 32;
/** Zeros behind each way to read a text: no part of a key goes over them, and no text. */
const BETWEEN = 64;
/** Of all readings of one text. */
export const MOST_BETWEEN = 2 ** 11;

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

const nowhere = (): never => {
  throw new Error('plain bytes come from nowhere');
};

/**
 * Writes what a text prints in some forms into a target, from a multiple of four on, without the places that
 * it comes from, which few texts are asked for. Returns the multiple of four behind it.
 */
export const plainBytes = (text: Uint8Array, forms: number, target: Uint8Array, at: number): number =>
  withScratch(() => decodedInto(text, forms, target, at));

function decodedInto(text: Uint8Array, forms: number, target: Uint8Array, from: number): number {
  let at = from;
  for (const [form, decode] of DECODERS)
    for (const { bytes } of (forms & form) === 0 ? [] : decode({ bytes: text, origin: nowhere }))
      if (form === FORM.listing)
        // Its numbers are text.
        formsIn(bytes, true, (inner, start, end) => {
          at = decodedInto(bytes.subarray(start, end), inner & ~FORM.listing, target, at);
        });
      else {
        // What does not fit is left out: a hostile text has more readings than any other.
        const part = bytes.subarray(0, Math.max(0, target.length - at - BETWEEN - 4));
        target.set(part, at);
        const next = (at + part.length + BETWEEN + 3) & ~3;
        target.fill(0, at + part.length, next);
        at = next;
      }
  return at;
}
