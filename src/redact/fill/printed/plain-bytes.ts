import { HEX_VALUES } from '../../../core/encodings/digits.js';
import { withScratch } from '../../../core/encodings/reading.js';
import { FORM, textFormsFor } from '../../../core/encodings/text-forms.js';
import { formsIn } from './text-parts.js';

/** What is read in memory. */
export const FORMS = textFormsFor('fill');

/** Most decoded bytes for each character, in all forms: a number of one digit is sixteen in one of them. */
export const MOST_EACH = 32;
/** Zeros behind each way to read a text: no part of a key goes over them, and no text. */
const BETWEEN = 64;
/** Zeros between all readings of one text. */
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
  for (const { bit, read } of FORMS)
    for (const { bytes } of (forms & bit) === 0 ? [] : read({ bytes: text, origin: nowhere }, 'fill'))
      if (bit === FORM.listing)
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
