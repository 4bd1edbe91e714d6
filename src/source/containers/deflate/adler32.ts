/** The largest prime below 2^16, and the most bytes whose sums fit 32 bits (RFC 1950, section 9). */
const BASE = 65521;
const MOST = 5552;

/** Adler-32, continued from `sum`, which begins with 1. */
export function adler32(bytes: Uint8Array, sum: number): number {
  let [low, high] = [sum & 0xffff, sum >>> 16];
  for (let at = 0; at < bytes.length; ) {
    for (const end = Math.min(bytes.length, at + MOST); at < end; at++) {
      low += bytes[at]!;
      high += low;
    }
    low %= BASE;
    high %= BASE;
  }
  return ((high << 16) | low) >>> 0;
}
