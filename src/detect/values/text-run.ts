import type { Wide } from '../../core/model/report.js';
import type { Window } from '../../formats/memory/types.js';
import { KINDS, RUN } from '../../sweep/values/alphabet.js';
import { LONGEST_VALUE, type NarrowedRun } from '../../sweep/values/narrow.js';

/** A run of a window as text of one byte a character, with its surroundings. */
export interface TextRun {
  text: Uint8Array;
  /** The run in the text. */
  start: number;
  end: number;
  /** Index in the window of the run's first byte, and bytes of a character. */
  at: number;
  stride: 1 | 2;
}

const isRun = (byte: number | undefined): boolean => byte !== undefined && (KINDS[byte]! & RUN) !== 0;

/**
 * The whole run around the character at `window.at`, up to the longest value. `narrowed` takes one in UTF-16.
 * `textStart`: where the text around one in single bytes begins, if it is not the window's start.
 */
export function textRun(
  { bytes, at }: Window,
  stride: 1 | 2,
  narrowed: NarrowedRun,
  textStart = 0,
): TextRun | undefined {
  if (!isRun(bytes[at])) return undefined;
  const most = stride * LONGEST_VALUE;
  let first = at;
  while (first >= stride && isRun(bytes[first - stride]) && joined(bytes, first - stride, stride)) {
    first -= stride;
    if (at - first > most) return undefined;
  }
  let end = at + stride;
  while (isRun(bytes[end]) && joined(bytes, end - stride, stride)) {
    end += stride;
    if (end - first > most) return undefined;
  }
  const length = (end - first) / stride;
  if (stride === 1) {
    const text = bytes.subarray(textStart);
    return { text, start: first - textStart, end: end - textStart, at: first, stride };
  }
  narrowed.read(bytes, first, length);
  const text = narrowed.text.subarray(0, narrowed.length);
  return { text, start: narrowed.start, end: narrowed.end, at: first, stride };
}

/** True if the character at `at` and the next one belong to one text. */
const joined = (bytes: Uint8Array, at: number, stride: 1 | 2): boolean => stride === 1 || bytes[at + 1] === 0;

/** Index in the window of character `index` of the text. */
export const windowIndex = ({ at, start, stride }: TextRun, index: number): number =>
  at + stride * (index - start);

const isText = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13));

/**
 * Byte order of the text around window[first, end): UTF-16LE has a NUL after its last character, UTF-16BE one
 * before its first. With both, or none, it is little-endian, which is far more common.
 */
export function byteOrder({ bytes }: Window, first: number, end: number): Wide {
  let start = first;
  while (start >= 2 && bytes[start - 1] === 0 && isText(bytes[start - 2])) start -= 2;
  let last = end - 2;
  while (bytes[last + 1] === 0 && isText(bytes[last + 2])) last += 2;
  return start > 0 && bytes[start - 1] === 0 && bytes[last + 1] !== 0 ? 'be' : 'le';
}
