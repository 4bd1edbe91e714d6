import { trimmed } from '../base/bytes/integers.js';
import { explicit, implicit, TAG } from './der.js';

/** DER writers (ITU-T X.690, section 10): each function returns one element. */

/** An element whose contents are the parts, concatenated. */
function element(tag: number, ...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  let octets = 0;
  if (length >= 0x80) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets++;
  const bytes = new Uint8Array(2 + octets + length);
  bytes[0] = tag;
  bytes[1] = octets === 0 ? length : 0x80 | octets;
  for (let i = octets + 1, rest = length; i > 1; i--, rest = Math.floor(rest / 256)) bytes[i] = rest;
  let at = 2 + octets;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export const sequence = (...parts: Uint8Array[]): Uint8Array => element(TAG.sequence, ...parts);
export const octetString = (...parts: Uint8Array[]): Uint8Array => element(TAG.octetString, ...parts);
export const derNull = (): Uint8Array => element(TAG.null);
/** `[n]` EXPLICIT. */
export const tagged = (n: number, ...parts: Uint8Array[]): Uint8Array => element(explicit(n), ...parts);

const WHOLE_OCTETS = Uint8Array.of(0);

/** BIT STRING of whole octets. */
export const bitString = (bytes: Uint8Array): Uint8Array => element(TAG.bitString, WHOLE_OCTETS, bytes);
/** `[n]` IMPLICIT BIT STRING of whole octets. */
export const implicitBits = (n: number, bytes: Uint8Array): Uint8Array =>
  element(implicit(n), WHOLE_OCTETS, bytes);

/** INTEGER from an unsigned big-endian number; leading zeros are allowed. */
export function integer(bytes: Uint8Array): Uint8Array {
  const value = trimmed(bytes);
  const sign = value.length === 0 || value[0]! >= 0x80 ? WHOLE_OCTETS : new Uint8Array(0);
  return element(TAG.integer, sign, value);
}

/** OBJECT IDENTIFIER from the hex of its contents (oids.ts). */
export const oid = (hex: string): Uint8Array => element(TAG.oid, Buffer.from(hex, 'hex'));
