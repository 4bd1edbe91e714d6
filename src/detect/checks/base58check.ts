import { createHash } from 'node:crypto';
import type { Check } from './types.js';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** An extended key has 78 bytes (BIP 32, serialization format), and Base58Check adds 4. */
const EXTENDED_KEY = 82;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Value of each digit by its code, -1 for what is none. */
const DIGITS = new Int8Array(128).fill(-1);
for (const [value, digit] of [...ALPHABET].entries()) DIGITS[digit.charCodeAt(0)] = value;

/** Digits that a number holds exactly: 58^9 is below 2^53. A bigint is made of so many at a time. */
const EXACT = 9;

/** Base58 digits as a big-endian number of `length` bytes, or undefined where it does not fit. */
function base58(text: string, length: number): Uint8Array | undefined {
  let value = 0n;
  for (let from = 0; from < text.length; from += EXACT) {
    const to = Math.min(from + EXACT, text.length);
    let part = 0;
    for (let i = from; i < to; i++) {
      const digit = DIGITS[text.charCodeAt(i)] ?? -1;
      if (digit < 0) return undefined;
      part = part * 58 + digit;
    }
    value = value * BigInt(58 ** (to - from)) + BigInt(part);
  }
  const hex = value.toString(16).padStart(2 * length, '0');
  return hex.length === 2 * length ? Uint8Array.from(Buffer.from(hex, 'hex')) : undefined;
}

/** BIP 32 extended private keys: the last 4 bytes are the start of a double SHA-256; byte 45 is the zero before the scalar. */
export const xprvBase58check: Check = {
  statement: 'Base58Check checksum matches',
  verify(token) {
    const bytes = base58(token, EXTENDED_KEY);
    if (bytes === undefined) return false;
    const body = bytes.subarray(0, -4);
    return body[45] === 0 && sha256(sha256(body)).subarray(0, 4).equals(bytes.subarray(-4));
  },
};
