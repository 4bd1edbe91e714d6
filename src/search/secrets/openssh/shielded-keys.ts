import { createDecipheriv, createHash } from 'node:crypto';
import type { KeyMaterial } from '../../../core/model/key-material.js';
import type { Extent } from '../../../core/model/report.js';
import type { RunBytes } from '../../core/run-bytes.js';
import type { RunList } from '../../core/run-list.js';
import type { SearchContext } from '../../core/search-context.js';
import type { SkippedWork } from '../../core/skipped-work.js';
import type { NumberFound } from '../../core/types.js';
import type { WordHandler, WordProbe } from '../../core/word-probe.js';
import { LOST_BYTES, MAX_ADJACENT, PREKEY, prekeyStarts } from './prekey-regions.js';

/** Reads a private key in OpenSSH's serialisation: key type and parts. `end`: index after its last part. */
export type ReadSerialised = (bytes: Uint8Array) => { material: KeyMaterial; end: number } | undefined;

/** Prekeys tried, at 30 us and for three starts each; an agent has one for each key. */
const MAX_PREKEYS = 4096;
/** Places decrypted, at 20 us each, where a word equals the first word of a shielded key. */
const MAX_DECRYPTIONS = 1 << 14;
/** Longest serialised key: RSA-16384. */
const MAX_KEY_BYTES = 10 << 10;

/**
 * First eight bytes of a serialised key: the length of its type name and the start of the name (RFC 4253,
 * 6.6; RFC 5656, 3.1; RFC 8709, 4), for certified keys too. ssh-dss has the same as ssh-rsa.
 */
const FIRST_WORDS = [
  'ssh-rsa',
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ssh-rsa-cert-v01@openssh.com',
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
].map((name) => Buffer.concat([Buffer.of(0, 0, 0, name.length), Buffer.from(name)]).readBigUInt64LE());

interface Prekey {
  offset: number;
  key: Buffer;
  iv: Buffer;
}

/**
 * Shielded keys of ssh-agent and sshd, in dumps with pages that are usually excluded. The first key stream
 * word under a prekey XOR the few possible first words of a serialised key gives the first word of the
 * ciphertext, which is searched for at every byte.
 */
export class ShieldedKeys {
  readonly found: NumberFound[] = [];
  readonly #bytes: RunBytes;
  readonly #runs: RunList;
  readonly #skippedWork: SkippedWork;
  readonly #maxPlaces: number;
  readonly #maxAdjacent: number;
  #decryptionsLeft: number;
  readonly #read: ReadSerialised;

  constructor({ bytes, runs, skippedWork, budget }: SearchContext, read: ReadSerialised) {
    this.#bytes = bytes;
    this.#runs = runs;
    this.#skippedWork = skippedWork;
    this.#maxPlaces = budget(MAX_PREKEYS) * LOST_BYTES.length;
    this.#maxAdjacent = budget(MAX_ADJACENT);
    this.#decryptionsLeft = budget(MAX_DECRYPTIONS);
    this.#read = read;
  }

  /** Searches for the first words of shielded keys; decrypted keys go to {@link found}. */
  registerWith(probe: WordProbe<WordHandler>): void {
    let tried = 0;
    // Copies of a prekey would find each key again.
    const known = new Set<string>();
    const skip = (left: number, { offset, length }: Extent): void => {
      const what = 'possible OpenSSH prekeys were not tried';
      this.#skippedWork.add('openssh-prekeys', { target: 'any', left }, what, offset, offset + length);
    };
    for (const offset of prekeyStarts(this.#runs, this.#maxAdjacent, skip)) {
      if (tried++ >= this.#maxPlaces) {
        skip(1, { offset, length: PREKEY });
        continue;
      }
      const prekey = this.#bytes.read(offset, PREKEY);
      if (prekey.length < PREKEY) continue;
      const hash = createHash('sha512').update(prekey).digest();
      const id = hash.toString('latin1');
      if (known.has(id)) continue;
      known.add(id);
      const found = { offset, key: hash.subarray(0, 32), iv: hash.subarray(32, 48) };
      const stream = decrypt(found, Buffer.alloc(8)).readBigUInt64LE();
      for (const head of FIRST_WORDS) probe.add(stream ^ head, (seen) => this.#open(found, seen.offset));
    }
  }

  #open(prekey: Prekey, offset: number): void {
    if (this.#decryptionsLeft-- <= 0) {
      const what = 'possible shielded OpenSSH keys were not decrypted';
      this.#skippedWork.add('openssh-shielded', { target: 'any', left: 1 }, what, offset, offset + 8);
      return;
    }
    const key = this.#read(decrypt(prekey, this.#bytes.read(offset, MAX_KEY_BYTES)));
    if (key === undefined) return;
    this.found.push({
      material: key.material,
      place: { offset, length: key.end, reading: 'bytes-be' },
      evidence: [`decrypted with the prekey at 0x${prekey.offset.toString(16)}`],
      encoding: 'openssh-shielded',
    });
  }
}

function decrypt({ key, iv }: Prekey, bytes: Buffer): Buffer {
  const cipher = createDecipheriv('aes-256-ctr', key, iv);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}
