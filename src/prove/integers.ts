import { bitLength } from '../integers.js';
import type { Secret } from '../secret.js';

/** Largest integer that any proof computes with, in bits: OpenSSL's limit for an RSA modulus (OPENSSL_RSA_MAX_MODULUS_BITS). */
export const MOST_BITS = 16_384;

/** True where any of the integers is longer than {@link MOST_BITS}: looked at before any arithmetic. */
export function tooLong(parts: Iterable<Uint8Array | Secret | undefined>): boolean {
  return [...parts].some((part) => {
    if (part === undefined) return false;
    return bitLength(part instanceof Uint8Array ? part : part.reveal()) > MOST_BITS;
  });
}

/** base^exponent mod m, four bits of the exponent at a time: 9 ms at 2,048 bits, 2 s at 16,384. Not constant-time: nobody waits on its result. */
export function power(base: bigint, exponent: bigint, m: bigint): bigint {
  const table = [1n % m, base % m];
  for (let i = 2; i < 16; i++) table.push(((table[i - 1] ?? 0n) * (table[1] ?? 0n)) % m);
  let result = table[0] ?? 0n;
  for (const digit of exponent.toString(16)) {
    for (let i = 0; i < 4; i++) result = (result * result) % m;
    const nibble = Number.parseInt(digit, 16);
    if (nibble !== 0) result = (result * (table[nibble] ?? 0n)) % m;
  }
  return result;
}
