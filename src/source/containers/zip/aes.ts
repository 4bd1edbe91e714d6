import { createCipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { Secret } from '../../../core/base/crypto/secret.js';
import {
  type ContainerDecoder,
  mismatch,
  reportDoubtful,
  reportLost,
  truncated,
} from '../decoding/decoder.js';

/* AES as WinZip has it (AE-1 and AE-2): salt, verification value, data, authentication code. */

const VERIFICATION = 2;
const CODE = 10;
const ROUNDS = 1000;
const BLOCK = 16;
/** Bytes that are decrypted at once. */
const PIECE = 64 * 1024;

/** Bytes of salt and of each key, by the strength of the extra field: 128, 192 and 256 bits. */
const STRENGTHS: ReadonlyMap<number, { salt: number; key: number }> = new Map([
  [1, { salt: 8, key: 16 }],
  [2, { salt: 12, key: 24 }],
  [3, { salt: 16, key: 32 }],
]);

/** What the extra field 0x9901 says. */
export interface AesFacts {
  salt: number;
  key: number;
  /** Method of the content. */
  method: number;
  /** AE-2 has no CRC-32 of the content, which would tell what short content is. */
  hasChecksum: boolean;
}

/** Undefined for another version, vendor or strength. */
export function aesFacts(field: Buffer): AesFacts | undefined {
  if (field.length < 7 || field.toString('latin1', 2, 4) !== 'AE') return undefined;
  const version = field.readUInt16LE(0);
  const sizes = STRENGTHS.get(field[4]!);
  if (sizes === undefined || version < 1 || version > 2) return undefined;
  return { ...sizes, method: field.readUInt16LE(5), hasChecksum: version === 1 };
}

export const aesOverhead = ({ salt }: AesFacts): number => salt + VERIFICATION + CODE;

/** Key stream of AES in counter mode with a little-endian counter that begins with 1. */
class KeyStream {
  readonly #counters = Buffer.alloc(PIECE);
  readonly #cipher;
  #next = 1;

  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
  }

  /** Decrypts at most {@link PIECE} bytes: whole blocks, but for the last piece. */
  decrypt(bytes: Uint8Array): Uint8Array {
    const blocks = Math.ceil(bytes.length / BLOCK);
    for (let i = 0; i < blocks; i++) {
      // Beyond 2^48 blocks no member is that long.
      this.#counters.writeUIntLE(this.#next++, BLOCK * i, 6);
    }
    const plain = this.#cipher.update(this.#counters.subarray(0, blocks * BLOCK));
    for (let i = 0; i < bytes.length; i++) plain[i]! ^= bytes[i]!;
    return plain.subarray(0, bytes.length);
  }
}

/**
 * Decrypts a member of `length` stored bytes that begins with `head`; undefined if the password does not fit.
 * Of 65,536 other passwords one fits: the authentication code tells.
 */
export function aesDecryptor(
  head: Uint8Array,
  { salt, key }: AesFacts,
  length: number,
  password: Secret,
): ContainerDecoder | undefined {
  const derived = pbkdf2Sync(
    password.reveal(),
    head.subarray(0, salt),
    ROUNDS,
    2 * key + VERIFICATION,
    'sha1',
  );
  const start = salt + VERIFICATION;
  const fits = derived.subarray(2 * key).equals(head.subarray(salt, start));
  const keys = fits ? new Secret(derived.subarray(0, 2 * key)) : undefined;
  derived.fill(0);
  if (keys === undefined) return undefined;
  return async function* (input, report) {
    const [encryption, authentication] = [keys.reveal().subarray(0, key), keys.reveal().subarray(key)];
    const stream = new KeyStream(encryption);
    const hmac = createHmac('sha1', authentication);
    input.skip(start);
    for (let left = length - start - CODE; left > 0; ) {
      const piece = input.peek(Math.min(PIECE, left));
      if (piece.length === 0) return reportLost(report, truncated('AES', input.offset));
      hmac.update(piece);
      const plain = stream.decrypt(piece);
      left -= piece.length;
      input.skip(piece.length);
      yield plain;
    }
    const code = input.peek(CODE);
    if (code.length < CODE) return reportLost(report, truncated('AES', input.offset));
    if (timingSafeEqual(code, hmac.digest().subarray(0, CODE))) return;
    reportDoubtful(report, 0, mismatch('AES', 'authentication code', 0));
  };
}
