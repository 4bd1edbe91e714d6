import { OKP } from '../../../asn1/oids.js';
import type { RunBytes } from '../../core/run-bytes.js';
import type { RunList } from '../../core/run-list.js';

/** A public key of Ed448 or X448. */
export interface PublicKey448 {
  curve: 'Ed448' | 'X448';
  public: Buffer;
}

/**
 * Offsets in ECX_KEY of OpenSSL 3 (64 bits), from its flag on. The first byte of a word is the flag
 * `haspubkey`, followed by the public key in 57 bytes; later come a pointer to the private key, the key
 * length and the type.
 */
const LENGTH_OFFSET = 72;
const TYPE_OFFSET = 80;
const END = 84;
/** `haspubkey` is set. */
const HAS_PUBLIC_KEY = 1;
const TYPES: Readonly<Record<number, PublicKey448['curve']>> = { 1: 'X448', 3: 'Ed448' };
/** Words of the run made by the public key: six whole ones, and possibly the one with the flag. */
const RUN_WORDS = { least: 6, most: 7 };

/** Public keys of Ed448 and X448 in OpenSSL's ECX_KEY structures. */
export function* ecxKeys(bytes: RunBytes, runs: RunList): Generator<PublicKey448> {
  for (const { offset } of runs.ofWords(RUN_WORDS.least, RUN_WORDS.most)) {
    if (offset < 8) continue;
    // The run begins at the word with the flag or at the next one. The run is cached; later bytes may not be.
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
