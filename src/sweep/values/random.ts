import { characterTable, OTHER, STEPS, SYMBOL_COUNT, SYMBOLS } from './characters.js';

/**
 * Whether a run of characters looks random: pairs of its characters are rare in text. Twin of
 * sweep/kernel/values.as.ts, which reads the same tables.
 */

/** Characters of the shortest run, and the length that a longer one is reported with. */
export const SHORTEST_RUN = 16;
export const LONGEST_RUN = 1024;

/** A bit for each kind of character. */
export const KIND = {
  upperHex: 1,
  upper: 2,
  lowerHex: 4,
  lower: 8,
  /** The digits of base32. */
  digit2to7: 16,
  digit: 32,
  base64: 64,
  base64url: 128,
} as const;

const RANGES: readonly [number, string][] = [
  [KIND.upperHex, 'ABCDEF'],
  [KIND.upper, 'GHIJKLMNOPQRSTUVWXYZ'],
  [KIND.lowerHex, 'abcdef'],
  [KIND.lower, 'ghijklmnopqrstuvwxyz'],
  [KIND.digit2to7, '234567'],
  [KIND.digit, '0189'],
  [KIND.base64, '+/'],
  [KIND.base64url, '_-'],
];

/** Kind of each byte; 0 is no character of a value. */
export const KINDS = new Uint8Array(256);
for (const [kind, characters] of RANGES)
  for (const character of characters) KINDS[character.charCodeAt(0)] = kind;

const UPPER = KIND.upperHex | KIND.upper;
const LOWER = KIND.lowerHex | KIND.lower;
const DIGITS = KIND.digit2to7 | KIND.digit;
const SEPARATORS = KIND.base64 | KIND.base64url;

/**
 * Classes of runs, the first that allows all kinds of a run counts: characters of the alphabet, and the bits
 * that a random run must reach: at 16 characters, more for each further one, and at most. 99 % of random
 * values do.
 */
const CLASSES: readonly { allows: number; alphabet: number; bits: [number, number, number] }[] = [
  { allows: KIND.upperHex | DIGITS, alphabet: 16, bits: [24, 2, 40] },
  { allows: KIND.lowerHex | DIGITS, alphabet: 16, bits: [24, 2, 40] },
  // Hex in both cases at random: few programs write it.
  { allows: KIND.upperHex | KIND.lowerHex | DIGITS, alphabet: 22, bits: [20, 2, 36] },
  { allows: UPPER | KIND.digit2to7, alphabet: 32, bits: [13, 1, 14] },
  { allows: UPPER | DIGITS, alphabet: 36, bits: [13, 1, 14] },
  { allows: LOWER | DIGITS, alphabet: 36, bits: [13, 1, 14] },
  { allows: UPPER | LOWER, alphabet: 52, bits: [10.5, 1.125, 14] },
  { allows: UPPER | LOWER | DIGITS, alphabet: 62, bits: [10.5, 1.125, 14] },
  // A UUID.
  { allows: KIND.lowerHex | DIGITS | KIND.base64url, alphabet: 17, bits: [24, 2, 40] },
  { allows: KIND.upperHex | DIGITS | KIND.base64url, alphabet: 17, bits: [24, 2, 40] },
  { allows: UPPER | DIGITS | SEPARATORS, alphabet: 38, bits: [10.5, 1.125, 14] },
  { allows: LOWER | DIGITS | SEPARATORS, alphabet: 38, bits: [10.5, 1.125, 14] },
  { allows: 255, alphabet: 64, bits: [10.5, 1.125, 14] },
];

/** Fields of a row of {@link CLASS_ROWS}. */
const FIELDS = 4;

/** By the kinds of a run: bits of a character of its alphabet, then the three of its class; in steps. */
export const CLASS_ROWS = Uint16Array.from({ length: 256 * FIELDS }, (_, at) => {
  const kinds = Math.floor(at / FIELDS);
  const { alphabet, bits } = CLASSES.find(({ allows }) => (kinds & ~allows) === 0)!;
  return Math.round(STEPS * [Math.log2(alphabet), ...bits][at % FIELDS]!);
});

/** Bits that one pair may count: a single rare pair says little. */
const MOST_OF_PAIR = 6 * STEPS;
const LEAST_CHANGES = 2;

/** Changes between lower case, upper case and digits; not the one behind a capital. */
function isChange(before: number, kind: number): boolean {
  if (before & LOWER) return (kind & (UPPER | DIGITS)) !== 0;
  if (before & UPPER) return (kind & DIGITS) !== 0;
  return (before & DIGITS) !== 0 && (kind & (UPPER | LOWER)) !== 0;
}

/**
 * `stride`: bytes of a character, 1 or 2. Of a long run the first characters count. A run also looks random
 * if a piece of it between `-` and `_` does by its own class: hex behind a prefix in capitals.
 */
export function looksRandom(bytes: Uint8Array, start: number, length: number, stride: 1 | 2): boolean {
  const end = start + stride * Math.min(length, LONGEST_RUN);
  if (isRandom(bytes, start, end, stride)) return true;
  let piece = start;
  for (let at = start; at < end; at += stride) {
    if (KINDS[bytes[at]!] !== KIND.base64url) continue;
    if (isRandom(bytes, piece, at, stride)) return true;
    piece = at + stride;
  }
  return piece > start && isRandom(bytes, piece, end, stride);
}

function isRandom(bytes: Uint8Array, start: number, end: number, stride: 1 | 2): boolean {
  const length = (end - start) / stride;
  if (length < SHORTEST_RUN) return false;
  let kinds = 0;
  let changes = 0;
  let before = 0;
  for (let at = start; at < end; at += stride) {
    const kind = KINDS[bytes[at]!]!;
    if (isChange(before, kind)) changes++;
    kinds |= kind;
    before = kind;
  }
  if (changes < LEAST_CHANGES) return false;
  const row = FIELDS * kinds;
  const uniform = CLASS_ROWS[row]!;
  const more = CLASS_ROWS[row + 2]! * (length - SHORTEST_RUN);
  const least = Math.min(CLASS_ROWS[row + 1]! + more, CLASS_ROWS[row + 3]!);
  const table = characterTable();
  let sum = 0;
  let last = OTHER;
  for (let at = start; at < end; at += stride) {
    const symbol = SYMBOLS[bytes[at]!]!;
    sum += Math.min(table[last * SYMBOL_COUNT + symbol]! - uniform, MOST_OF_PAIR);
    if (sum < 0) sum = 0;
    else if (sum >= least) return true;
    last = symbol;
  }
  return false;
}
