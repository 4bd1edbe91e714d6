import { createHash } from 'node:crypto';
import type { Check } from './types.js';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Bytes of an extended key: 78 (BIP 32, serialization format), and 4 of Base58Check. */
const EXTENDED_KEY = 82;
/** Bits after the zero byte that precedes the scalar: scalar and checksum. */
const SCALAR_AND_CHECKSUM = 8n * (32n + 4n);

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Value of each digit by character code, -1 for other characters. */
const DIGITS = new Int8Array(128).fill(-1);
for (const [value, digit] of [...ALPHABET].entries()) DIGITS[digit.charCodeAt(0)] = value;

/** Digits per limb: 58^9 is below 2^53. */
const LIMB = 9;
const POWERS = Array.from({ length: LIMB + 1 }, (_, digits) => 58n ** BigInt(digits));

/** The number of some base58 digits; undefined for other characters. */
function base58(text: string): bigint | undefined {
  let value = 0n;
  for (let from = 0; from < text.length; from += LIMB) {
    const to = Math.min(from + LIMB, text.length);
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

/** BIP 32 extended private keys: byte 45 is zero, and the last 4 bytes are the start of a double SHA-256. */
export const xprvBase58check: Check = {
  statement: 'Base58Check checksum matches',
  verify(token) {
    const value = base58(token);
    // The zero byte first: in a flood of prefixes it rejects 255 of 256 without hashing.
    if (value === undefined || BigInt.asUintN(8, value >> SCALAR_AND_CHECKSUM) !== 0n) return false;
    const hex = value.toString(16).padStart(2 * EXTENDED_KEY, '0');
    if (hex.length > 2 * EXTENDED_KEY) return false;
    const bytes = Buffer.from(hex, 'hex');
    return sha256(sha256(bytes.subarray(0, -4)))
      .subarray(0, 4)
      .equals(bytes.subarray(-4));
  },
};
