import { type Cipher, createCipheriv, createHash } from 'node:crypto';

/** Reproducible bytes by the gigabyte: AES-128 in counter mode, the key from a seed. */
export class RandomStream {
  readonly #cipher: Cipher;

  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest().subarray(0, 16);
    this.#cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  }

  bytes(length: number): Buffer {
    return this.#cipher.update(Buffer.alloc(length));
  }
}
