import { OKP } from '../../asn1/oids.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';

/** A public key of Ed448 or X448. */
export interface PublicKey448 {
  curve: 'Ed448' | 'X448';
  public: Buffer;
}

/**
 * OpenSSL 3's ECX_KEY, 64 bits: a word whose first byte is a flag, behind it the public key in 57 bytes, then at these places from the
 * flag on a pointer to the private key, the length of both and their kind.
 */
const LENGTH = 72;
const KIND = 80;
const END = 84;
/** It has a public key. */
const FLAG = 1;
const KINDS: Readonly<Record<number, PublicKey448['curve']>> = { 1: 'X448', 3: 'Ed448' };
/** Words of the run that its public key is: six are whole, and the flag's may belong to it. */
const WORDS = { least: 6, most: 7 };

/** The public keys of Ed448 and X448 that OpenSSL holds. */
export function* ecxKeys(bytes: RunBytes, runs: RunList): Generator<PublicKey448> {
  for (const { offset } of runs.ofWords(WORDS.least, WORDS.most)) {
    if (offset < 8) continue;
    // The run begins at the flag's word or behind it. Its bytes are at hand, what lies further behind it may not be.
    const flags = bytes.read(offset - 8, 9);
    if (flags[0] !== FLAG && flags[8] !== FLAG) continue;
    const tail = bytes.read(offset - 8 + LENGTH, END - LENGTH + 8);
    for (const start of [0, 8]) {
      if (tail.length < start + END - LENGTH) continue;
      const curve = KINDS[tail.readUInt32LE(start + KIND - LENGTH)];
      if (curve === undefined || tail.readBigUInt64LE(start) !== BigInt(OKP[curve].size)) continue;
      const key = bytes.read(offset - 8 + start, 1 + OKP[curve].size);
      if (key[0] === FLAG) yield { curve, public: key.subarray(1) };
    }
  }
}
