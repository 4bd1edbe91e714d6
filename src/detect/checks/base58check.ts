import { createHash } from 'node:crypto';
import type { TokenCheck } from './types.js';

const BITCOIN = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const RIPPLE = 'rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz';

/** Bytes of an extended key: 78 (BIP 32, serialization format), and 4 of Base58Check. */
const EXTENDED_KEY = 82;
/** Bits after the zero byte that precedes the scalar: scalar and checksum. */
const SCALAR_AND_CHECKSUM = 8n * (32n + 4n);

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Value of each digit by character code, -1 for other characters. */
function digitsOf(alphabet: string): Int8Array {
  const digits = new Int8Array(128).fill(-1);
  for (const [value, digit] of [...alphabet].entries()) digits[digit.charCodeAt(0)] = value;
  return digits;
}

const DIGITS = digitsOf(BITCOIN);
const RIPPLE_DIGITS = digitsOf(RIPPLE);

/** Digits per limb: 58^9 is below 2^53. */
const LIMB = 9;
const POWERS = Array.from({ length: LIMB + 1 }, (_, digits) => 58n ** BigInt(digits));

/** The number of some base58 digits; undefined for other characters. */
function base58(text: string, digits = DIGITS): bigint | undefined {
  let value = 0n;
  for (let from = 0; from < text.length; from += LIMB) {
    const to = Math.min(from + LIMB, text.length);
    let part = 0;
    for (let i = from; i < to; i++) {
      const digit = digits[text.charCodeAt(i)] ?? -1;
      if (digit < 0) return undefined;
      part = part * 58 + digit;
    }
    value = value * POWERS[to - from]! + BigInt(part);
  }
  return value;
}

/** BIP 32 extended private keys: byte 45 is zero, and the last 4 bytes are the start of a double SHA-256. */
export const xprvBase58check: TokenCheck = {
  statement: 'Base58Check checksum matches',
  verify(token) {
    const value = base58(token);
    // The zero byte first: in a flood of prefixes it rejects 255 of 256 without hashing.
    if (value === undefined || BigInt.asUintN(8, value >> SCALAR_AND_CHECKSUM) !== 0n) return false;
    const hex = value.toString(16).padStart(2 * EXTENDED_KEY, '0');
    if (hex.length > 2 * EXTENDED_KEY) return false;
    return isChecked(Buffer.from(hex, 'hex'));
  },
};

/** True if the last 4 bytes are the start of a double SHA-256 of the others. */
const isChecked = (bytes: Buffer): boolean =>
  sha256(sha256(bytes.subarray(0, -4)))
    .subarray(0, 4)
    .equals(bytes.subarray(-4));

/** Longest text that is decoded, in characters: conversion takes quadratic time. */
const TEXT_MAX = 128;

/** Base58Check of bytes whose first is not zero. */
const base58check = (digits: Int8Array): TokenCheck => ({
  statement: 'Base58Check checksum matches',
  verify(token) {
    const value = token.length > TEXT_MAX ? undefined : base58(token, digits);
    if (value === undefined) return false;
    const hex = value.toString(16);
    return isChecked(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
  },
});

/** Private keys of Tezos. */
export const plainBase58check = base58check(DIGITS);
/** Seeds of the XRP Ledger (xrpl.org, base58 encodings). */
export const rippleBase58check = base58check(RIPPLE_DIGITS);
