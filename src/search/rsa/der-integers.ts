import type { Piece } from '../core/run-bytes.js';

/** DER: tag of an INTEGER, and lengths of one and of two octets in front of so many (X.690, 8.1.3.5). */
const INTEGER = 0x02;
const ONE = 0x81;
const TWO = 0x82;

/** A positive integer of whole words, without the octet that keeps its sign: address and length in bytes. */
export interface DerInteger {
  at: number;
  length: number;
}

/**
 * Integers of 1,024 bits and more behind a DER header of their own in a run: p, q and d in what is left of a PKCS#1 structure
 * whose front was overwritten. They may begin at any byte, and reach beyond what is at hand.
 */
export function* derIntegers(memory: Uint8Array, { at, words, before, after }: Piece): Generator<DerInteger> {
  // A header may stand in the word before the run, which then is no random one.
  const end = at + Math.min(words * 8, after);
  for (let place = at - Math.min(8, before); place < end - 4; place++) {
    if (memory[place] !== INTEGER) continue;
    const form = memory[place + 1];
    if (form !== ONE && form !== TWO) continue;
    const start = place + (form === ONE ? 3 : 4);
    const length = form === ONE ? memory[place + 2]! : memory[place + 2]! * 256 + memory[place + 3]!;
    const sign = memory[start] === 0 ? 1 : 0;
    const bytes = length - sign;
    // In the shortest form, and with a top bit that fits the sign's octet.
    if (bytes < 128 || bytes % 8 !== 0) continue;
    if (sign === memory[start + sign]! >>> 7) yield { at: start + sign, length: bytes };
  }
}
