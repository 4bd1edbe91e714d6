import { looksRandom } from './random.js';

/** Characters of a name that are shown. */
const MOST = 64;
/** Characters from which on the pairs of a piece tell whether it is random. */
const LEAST_RANDOM = 12;
/** Words of a piece, on average, in characters: random text has shorter ones. */
const SHORT = { words: 4, length: 3 };
/** Digits of a piece in a row: a year, a port; not the number of an account. */
const MOST_DIGITS = 5;

const WORDS = /[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g;

/** True for a piece of a name that no one has chosen: part of another secret, an id. */
function isRandom(piece: string): boolean {
  const words = piece.match(WORDS) ?? [];
  const numbers = words.filter((word) => word <= '9');
  if (numbers.length > 1 || numbers.some((number) => number.length > MOST_DIGITS)) return true;
  if (words.length >= SHORT.words && piece.length < SHORT.length * words.length) return true;
  const { length } = piece;
  return length >= LEAST_RANDOM && looksRandom(Buffer.from(piece, 'latin1'), 0, length, 1);
}

/** The name of a value as reports show it, of `[A-Za-z0-9_.-]` and `…` for random pieces. */
export function shownName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const shown = text.replace(/[A-Za-z0-9]+/g, (piece) => (isRandom(piece) ? '\0' : piece));
  return shown
    .slice(0, MOST)
    .replace(/[^A-Za-z0-9_.\0-]+/g, '-')
    .replaceAll('\0', '…');
}
