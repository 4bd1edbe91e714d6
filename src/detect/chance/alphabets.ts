import { KIND, KINDS } from '../../sweep/values/random.js';

/** An alphabet that random values are written in. */
export interface Alphabet {
  name: string;
  /** Codes of its characters. */
  characters: readonly number[];
}

const UPPER = KIND.upperHex | KIND.upper;
const LOWER = KIND.lowerHex | KIND.lower;
const DIGITS = KIND.digit2to7 | KIND.digit;

/** Kinds of characters of each alphabet, those with fewer before those that contain them. */
const ROWS: readonly (readonly [name: string, kinds: number])[] = [
  ['upper-case hex', KIND.upperHex | DIGITS],
  ['hex', KIND.lowerHex | DIGITS],
  ['hex of both cases', KIND.upperHex | KIND.lowerHex | DIGITS],
  ['base32', UPPER | KIND.digit2to7],
  ['lower-case base32', LOWER | KIND.digit2to7],
  ['upper-case base36', UPPER | DIGITS],
  ['base36', LOWER | DIGITS],
  ['letters', UPPER | LOWER],
  ['base62', UPPER | LOWER | DIGITS],
  ['hex with hyphens', KIND.lowerHex | DIGITS | KIND.base64url],
  ['upper-case hex with hyphens', KIND.upperHex | DIGITS | KIND.base64url],
  ['upper-case base36 with hyphens', UPPER | DIGITS | KIND.base64url],
  ['base36 with hyphens', LOWER | DIGITS | KIND.base64url],
  ['base64', UPPER | LOWER | DIGITS | KIND.base64],
  ['base64url', UPPER | LOWER | DIGITS | KIND.base64url],
  ['base64 of both forms', 255],
];

const charactersOf = (kinds: number): number[] =>
  Array.from(KINDS.keys()).filter((code) => (KINDS[code]! & kinds) !== 0);

export const ALPHABETS: readonly Alphabet[] = ROWS.map(([name, kinds]) => ({
  name,
  characters: charactersOf(kinds),
}));

const BY_KINDS = Uint8Array.from({ length: 256 }, (_, kinds) =>
  ROWS.findIndex(([, allowed]) => (kinds & ~allowed) === 0),
);

/** The smallest alphabet with all kinds of characters of a value. */
export const alphabetFor = (kinds: number): Alphabet => ALPHABETS[BY_KINDS[kinds]!]!;
