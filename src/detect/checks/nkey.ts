import type { TokenCheck } from './types.js';

/**
 * Seeds of NATS: base32 of two bytes of prefix, 32 bytes of Ed25519 seed, and a little-endian CRC-16 of both.
 * Source: nats-io/nkeys, strkey.go and crc16.go.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Bytes without the CRC. */
const BODY = 34;
/** The polynomial of XMODEM. */
const POLYNOMIAL = 0x1021;

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x8000 ? ((crc << 1) ^ POLYNOMIAL) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The bytes of unpadded base32 (RFC 4648); undefined for other characters. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let value = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = value >>> bits;
    }
  }
  return bytes;
}

export const nkeyCrc16: TokenCheck = {
  statement: 'CRC-16 checksum matches',
  verify(token) {
    const bytes = fromBase32(token);
    if (bytes?.length !== BODY + 2) return undefined;
    return crc16(bytes.subarray(0, BODY)) === (bytes[BODY]! | (bytes[BODY + 1]! << 8));
  },
};
