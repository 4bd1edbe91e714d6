import type { Piece } from '../core/run-bytes.js';

/** DER tag of an INTEGER; length forms of one and of two octets (X.690, 8.1.3.5). */
const INTEGER = 0x02;
const ONE_OCTET = 0x81;
const TWO_OCTETS = 0x82;
/** Bytes of the shortest integer reported: 1,024 bits. */
const MIN_BYTES = 128;

/** A positive integer of whole words, without its sign octet: address and length in bytes. */
export interface DerInteger {
  at: number;
  length: number;
}

/**
 * DER INTEGERs of 1,024 bits and more in a run, at any byte: p, q and d of a PKCS#1 structure whose beginning
 * was overwritten. They can extend past the bytes in memory.
 */
export function* derIntegers(memory: Uint8Array, { at, words, before, after }: Piece): Generator<DerInteger> {
  // The header can be in the word before the run, which then does not look random.
  const end = at + Math.min(words * 8, after);
  for (let place = at - Math.min(8, before); place < end - 4; place++) {
    if (memory[place] !== INTEGER) continue;
    const form = memory[place + 1];
    if (form !== ONE_OCTET && form !== TWO_OCTETS) continue;
    const start = place + (form === ONE_OCTET ? 3 : 4);
    const length = form === ONE_OCTET ? memory[place + 2]! : memory[place + 2]! * 256 + memory[place + 3]!;
    const sign = memory[start] === 0 ? 1 : 0;
    const bytes = length - sign;
    if (bytes < MIN_BYTES || bytes % 8 !== 0) continue;
    // Minimal encoding: a sign octet only before a set top bit.
    if (sign === memory[start + sign]! >>> 7) yield { at: start + sign, length: bytes };
  }
}
