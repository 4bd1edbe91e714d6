/**
 * The few DER (X.690, 8 and 10) elements that a SubjectPublicKeyInfo and a PKCS#1 key are made of.
 * Lengths are definite and minimal; integers are unsigned.
 */

/** Identifier octets. */
const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...parts]);
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(TAG.sequence, ...parts);
}

/** A whole number of octets. */
export function bitString(bytes: Uint8Array): Buffer {
  return element(TAG.bitString, Buffer.of(0), bytes);
}

/** An unsigned big-endian integer, with or without leading zeros. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const magnitude = bytes.length === 0 ? Buffer.of(0) : bytes.subarray(start);
  const pad = (magnitude[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0);
  return element(TAG.integer, pad, magnitude);
}

export function octetString(bytes: Uint8Array): Buffer {
  return element(TAG.octetString, bytes);
}

export function nothing(): Buffer {
  return element(TAG.null);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128))
      digits.unshift(0x80 | (more % 128));
    return digits;
  });
  return element(TAG.oid, Buffer.from(octets));
}

/** One element as read: the whole of it, its tag and its contents. */
interface Element {
  tag: number;
  whole: Uint8Array;
  contents: Uint8Array;
}

/** The elements that `bytes` is made of, or undefined where they are no DER or more than `most`. */
export function elements(bytes: Uint8Array, most: number): Element[] | undefined {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    const short = bytes[at + 1];
    if (tag === undefined || short === undefined || found.length === most) return undefined;
    const octets = short < 0x80 ? 0 : short - 0x80;
    if (octets > 4 || short === 0x80) return undefined;
    let length = octets === 0 ? short : 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
    const start = at + 2 + octets;
    if (start + length > bytes.length) return undefined;
    found.push({
      tag,
      whole: bytes.subarray(at, start + length),
      contents: bytes.subarray(start, start + length),
    });
    at = start + length;
  }
  return found;
}

export const SEQUENCE = TAG.sequence;
export const BIT_STRING = TAG.bitString;
