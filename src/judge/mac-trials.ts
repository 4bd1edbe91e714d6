import { hash as digest } from 'node:crypto';
import type { Secret } from '../base/crypto/secret.js';

/** Octets of a block of each hash (FIPS 180-4), and of its digest. */
const SIZES: Readonly<Record<string, { block: number; digest: number }>> = {
  sha256: { block: 64, digest: 32 },
  sha384: { block: 128, digest: 48 },
  sha512: { block: 128, digest: 64 },
};

/**
 * HMAC (RFC 2104) of one message under many keys: both padded blocks of each key are computed once, and the
 * message is written once. Two one-shot hashes a key are several times as fast as an Hmac object.
 */
export class MacTrials {
  readonly #hash: string;
  readonly #pads: { inner: Buffer; outer: Buffer }[];
  readonly #sizes: { block: number; digest: number };

  /** `hash`: sha256, sha384 or sha512. */
  constructor(hash: string, keys: readonly Secret[]) {
    this.#hash = hash;
    this.#sizes = SIZES[hash]!;
    const { block } = this.#sizes;
    this.#pads = keys.map((secret) => {
      const key = secret.reveal();
      const short = key.length > block ? digest(hash, key, 'buffer') : key;
      const pad = (byte: number): Buffer =>
        Buffer.alloc(block, byte).map((value, i) => value ^ (short[i] ?? 0)) as Buffer;
      return { inner: pad(0x36), outer: pad(0x5c) };
    });
  }

  /** Index of the first key at or behind `from` and before `to` with this code; -1 if there is none. */
  find(message: string, mac: Buffer, from: number, to: number): number {
    const { block, digest: length } = this.#sizes;
    if (mac.length !== length) return -1;
    const first = Buffer.alloc(block + message.length);
    first.write(message, block, 'latin1');
    const second = Buffer.alloc(block + length);
    for (let i = from; i < Math.min(to, this.#pads.length); i++) {
      const { inner, outer } = this.#pads[i]!;
      first.set(inner);
      second.set(outer);
      second.set(digest(this.#hash, first, 'buffer'), block);
      if (digest(this.#hash, second, 'buffer').equals(mac)) return i;
    }
    return -1;
  }
}
