import type { TokenCheck } from './types.js';

/**
 * Bech32 (BIP 173): characters of 5 bits; the last six are a BCH checksum of human-readable part and data.
 */
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function polymod(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((term, bit) => {
      if ((top >>> bit) & 1) checksum ^= term;
    });
  }
  return checksum >>> 0;
}

/** True if `text` is Bech32 with a valid checksum, in one case. */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return false;
  const cut = lower.lastIndexOf('1');
  if (cut < 1) return false;
  const readable = [...lower.slice(0, cut)].map((character) => character.charCodeAt(0));
  const data = [...lower.slice(cut + 1)].map((character) => ALPHABET.indexOf(character));
  if (data.length < 6 || data.includes(-1)) return false;
  return polymod([...readable.map((c) => c >>> 5), 0, ...readable.map((c) => c & 31), ...data]) === 1;
}

/** age identities (age-encryption.org/v1): Bech32 in upper case. */
export const ageBech32: TokenCheck = { statement: 'Bech32 checksum matches', verify: isBech32 };
