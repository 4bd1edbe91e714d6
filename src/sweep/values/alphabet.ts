/** Kinds of characters around and in values. */

export const UPPER = 1;
export const LOWER = 2;
export const DIGIT = 4;
/** `a-f`, and `A-F`. */
export const HEX = 8;
/** `2-7`, the digits of base32. */
export const BASE32_DIGIT = 16;
/** `+ /` */
export const PLUS = 32;
/** `_ -` */
export const DASH = 64;
/** `. ~ ! $ % * ^ ? @ # : = | & ( )`: in values beside the characters of runs. */
export const MARK = 128;

export const ALPHANUMERIC = UPPER | LOWER | DIGIT;
/** The characters of a run. */
export const RUN = ALPHANUMERIC | PLUS | DASH;

/** Kinds of each byte. */
export const KINDS = new Uint8Array(256);

for (const [kind, characters] of [
  [UPPER, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  [LOWER, 'abcdefghijklmnopqrstuvwxyz'],
  [DIGIT, '0123456789'],
  [HEX, 'abcdefABCDEF'],
  [BASE32_DIGIT, '234567'],
  [PLUS, '+/'],
  [DASH, '_-'],
  [MARK, '.~!$%*^?@#:=|&()'],
] as const)
  for (const character of characters) KINDS[character.charCodeAt(0)]! |= kind;

/** Code of a character, for tables. */
export const code = (character: string): number => character.charCodeAt(0);

/** A table with 1 for each of the characters. */
export function setOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[code(character)] = 1;
  return table;
}

export const isBlank = (byte: number): boolean => byte === 0x20 || byte === 9;
export const isLineEnd = (byte: number): boolean => byte === 10 || byte === 13;
/** `" ' \`` */
export const isQuote = (byte: number): boolean => byte === 0x22 || byte === 0x27 || byte === 0x60;
/** Characters of a value in quotes: printable, and no quote, blank or backslash. */
export const isEnclosed = (byte: number): boolean =>
  byte > 0x20 && byte < 0x7f && !isQuote(byte) && byte !== 0x5c;
/** Ends a text: NUL and other control characters, except tab and line ends. */
export const isControl = (byte: number): boolean =>
  (byte < 0x20 && byte !== 9 && !isLineEnd(byte)) || byte === 0x7f;

/** Value of a hex digit, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
