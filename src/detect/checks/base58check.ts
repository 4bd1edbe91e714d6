import { createHash } from 'node:crypto';
import type { Check } from './types.js';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** An extended key has 78 bytes (BIP 32, serialization format), and Base58Check adds 4. */
const EXTENDED_KEY = 82;
/** Bits behind the zero byte before the scalar: scalar and checksum. */
const BEHIND_ZERO = 8n * (32n + 4n);

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Value of each digit by its code, -1 for what is none. */
const DIGITS = new Int8Array(128).fill(-1);
for (const [value, digit] of [...ALPHABET].entries()) DIGITS[digit.charCodeAt(0)] = value;

/** Digits that a number holds exactly: 58^9 is below 2^53. A bigint is made of so many at a time. */
const EXACT = 9;
const POWERS = Array.from({ length: EXACT + 1 }, (_, digits) => 58n ** BigInt(digits));

/** The number that base58 digits write, undefined where one is none. */
function base58(text: string): bigint | undefined {
  let value = 0n;
  for (let from = 0; from < text.length; from += EXACT) {
    const to = Math.min(from + EXACT, text.length);
    let part = 0;
    for (let i = from; i < to; i++) {
      const digit = DIGITS[text.charCodeAt(i)] ?? -1;
      if (digit < 0) return undefined;
      part = part * 58 + digit;
    }
    value = value * POWERS[to - from]! + BigInt(part);
  }
  return value;
}

/** BIP 32 extended private keys: the last 4 bytes are the start of a double SHA-256; byte 45 is the zero before the scalar. */
export const xprvBase58check: Check = {
  statement: 'Base58Check checksum matches',
  verify(token) {
    const value = base58(token);
    // The zero first: in a flood of prefixes it refuses all but one of 256 without bytes and hashes.
    if (value === undefined || BigInt.asUintN(8, value >> BEHIND_ZERO) !== 0n) return false;
    const hex = value.toString(16).padStart(2 * EXTENDED_KEY, '0');
    if (hex.length > 2 * EXTENDED_KEY) return false;
    const bytes = Buffer.from(hex, 'hex');
    return sha256(sha256(bytes.subarray(0, -4)))
      .subarray(0, 4)
      .equals(bytes.subarray(-4));
  },
};
