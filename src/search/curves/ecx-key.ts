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
const LENGTH_OFFSET = 72;
const TYPE_OFFSET = 80;
const END = 84;
/** It has a public key. */
const HAS_PUBLIC_KEY = 1;
const TYPES: Readonly<Record<number, PublicKey448['curve']>> = { 1: 'X448', 3: 'Ed448' };
/** Words of the run that its public key is: six are whole, and the flag's may belong to it. */
const RUN_WORDS = { least: 6, most: 7 };

/** The public keys of Ed448 and X448 that OpenSSL holds. */
export function* ecxKeys(bytes: RunBytes, runs: RunList): Generator<PublicKey448> {
  for (const { offset } of runs.ofWords(RUN_WORDS.least, RUN_WORDS.most)) {
    if (offset < 8) continue;
    // The run begins at the flag's word or behind it. Its bytes are at hand, what lies further behind it may not be.
    const flags = bytes.read(offset - 8, 9);
    if (flags[0] !== HAS_PUBLIC_KEY && flags[8] !== HAS_PUBLIC_KEY) continue;
    const tail = bytes.read(offset - 8 + LENGTH_OFFSET, END - LENGTH_OFFSET + 8);
    for (const start of [0, 8]) {
      if (tail.length < start + END - LENGTH_OFFSET) continue;
      const curve = TYPES[tail.readUInt32LE(start + TYPE_OFFSET - LENGTH_OFFSET)];
      if (curve === undefined || tail.readBigUInt64LE(start) !== BigInt(OKP[curve].size)) continue;
      const key = bytes.read(offset - 8 + start, 1 + OKP[curve].size);
      if (key[0] === HAS_PUBLIC_KEY) yield { curve, public: key.subarray(1) };
    }
  }
}
