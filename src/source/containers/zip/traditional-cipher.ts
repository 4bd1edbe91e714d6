import type { Secret } from '../../../core/base/crypto/secret.js';
import type { ContainerDecoder } from '../decoding/decoder.js';

/* Traditional PKWARE encryption (APPNOTE.TXT, 6.1). */

/** Bytes in front of the data: random, but for the last one, which tells whether the password fits. */
export const TRADITIONAL_HEADER = 12;
const PIECE = 256 * 1024;

/** The table of CRC-32 (polynomial 0xEDB88320). */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The three keys (6.1.5), which each byte changes. */
class Keys {
  #key0 = 0x12345678;
  #key1 = 0x23456789;
  #key2 = 0x34567890;

  constructor(password: Uint8Array) {
    for (const byte of password) this.#update(byte);
  }

  #update(byte: number): void {
    this.#key0 = (this.#key0 >>> 8) ^ TABLE[(this.#key0 ^ byte) & 0xff]!;
    this.#key1 = (Math.imul((this.#key1 + (this.#key0 & 0xff)) | 0, 134775813) + 1) | 0;
    this.#key2 = (this.#key2 >>> 8) ^ TABLE[(this.#key2 ^ (this.#key1 >>> 24)) & 0xff]!;
  }

  decrypt(bytes: Uint8Array): Uint8Array {
    const plain = new Uint8Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) {
      const word = (this.#key2 & 0xffff) | 2;
      const byte = bytes[i]! ^ ((Math.imul(word, word ^ 1) >>> 8) & 0xff);
      plain[i] = byte;
      this.#update(byte);
    }
    return plain;
  }
}

/**
 * Decrypts a member with this header; undefined if the password does not fit. Of 128 other passwords one
 * fits: CRC-32 and length of the content tell.
 */
export function traditionalDecryptor(
  header: Uint8Array,
  checks: readonly number[],
  password: Secret,
): ContainerDecoder | undefined {
  const last = new Keys(password.reveal()).decrypt(header).at(-1)!;
  if (!checks.includes(last)) return undefined;
  return async function* (input) {
    const keys = new Keys(password.reveal());
    keys.decrypt(input.peek(TRADITIONAL_HEADER));
    input.skip(TRADITIONAL_HEADER);
    for (let piece = input.peek(PIECE); piece.length > 0; piece = input.peek(PIECE)) {
      const plain = keys.decrypt(piece);
      input.skip(piece.length);
      yield plain;
    }
  };
}
