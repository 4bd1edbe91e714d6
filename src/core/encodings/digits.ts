/** Value of each byte as a digit, or -1. `more`: further digits with their values. */
export function digitTable(digits: string, more: Readonly<Record<string, number>> = {}): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (const [value, digit] of [...digits].entries()) table[digit.charCodeAt(0)] = value;
  for (const [digit, value] of Object.entries(more)) table[digit.charCodeAt(0)] = value;
  return table;
}

export const HEX_VALUES = digitTable('0123456789abcdef', { A: 10, B: 11, C: 12, D: 13, E: 14, F: 15 });

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** The digits of base64 and base64url in order, but for the last two (RFC 4648, sections 4 and 5). */
export const BASE64_DIGITS = `${UPPER}${UPPER.toLowerCase()}0123456789`;
/** The last two digits of both. */
export const BASE64_LAST: Readonly<Record<string, number>> = { '+': 62, '-': 62, '/': 63, _: 63 };
export const BASE64_VALUES = digitTable(BASE64_DIGITS, BASE64_LAST);

/** The digits of base32 in either case (RFC 4648, section 6). */
export const BASE32_VALUES = digitTable(`${UPPER}234567`);
for (const [value, digit] of [...UPPER.toLowerCase()].entries()) BASE32_VALUES[digit.charCodeAt(0)] = value;

const [ZERO, X, UPPER_X] = [0x30, 0x78, 0x58];

export const isX = (byte: number | undefined): boolean => byte === X || byte === UPPER_X;

/** True for `0x` at an index of a text. */
export const isHexPrefix = (text: Uint8Array, at: number): boolean => text[at] === ZERO && isX(text[at + 1]);
