import { createCipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import type { Extent } from '../../../core/base/bytes/extent.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import { readAt } from '../decoding/archive-reads.js';
import {
  type ContainerDecoder,
  mismatch,
  reportDoubtful,
  reportLost,
  truncated,
} from '../decoding/decoder.js';

/** Bits of the general purpose flags (APPNOTE.TXT, 4.4.4). */
const ENCRYPTED = 1;
const STRONG = 0x40;
/** The extra field of WinZip's AES. */
const AES = 0x9901;

/** How a member is encrypted. */
export interface Encryption {
  /** By the certificate or strong encryption of PKWARE, which only its own programs decrypt. */
  isStrong: boolean;
  aes: AesFacts | undefined;
  /** Values of the last byte of the traditional header with the right password: programs differ. */
  checks: readonly number[];
  /** Bytes that are stored besides the content. */
  overhead: number;
}

/** What a header says. */
interface HeaderFields {
  flags: number;
  /** Time of modification in the format of MS-DOS. */
  time: number;
  crc32: number;
  extra: Buffer;
}

/** How a member is encrypted, by its header; undefined if it is not. */
export function encryptionOf({ flags, time, crc32, extra }: HeaderFields): Encryption | undefined {
  if ((flags & ENCRYPTED) === 0) return undefined;
  const field = extraField(extra, AES);
  const aes = field && aesFacts(field);
  return {
    isStrong: (flags & STRONG) !== 0 || (field !== undefined && aes === undefined),
    aes,
    checks: [crc32 >>> 24, time >>> 8],
    overhead: aes === undefined ? TRADITIONAL_HEADER : aesOverhead(aes),
  };
}

/** What decrypts a member, or why that is not possible. */
export function decryptorOf(
  reader: ByteReader,
  { offset, length }: Extent,
  { isStrong, aes, checks, overhead }: Encryption,
  password: Secret,
): ContainerDecoder | string {
  if (isStrong) return 'by a method that is not decrypted';
  if (length < overhead) return 'its data is too short';
  const head = readAt(reader, offset, Math.min(length, overhead));
  const decrypt =
    aes === undefined
      ? traditionalDecryptor(head, checks, password)
      : aesDecryptor(head, aes, length, password);
  return decrypt ?? 'the password does not fit';
}

/** The extra field of a ZIP header with an identifier (APPNOTE.TXT, 4.5.1); undefined if there is none. */
export function extraField(extra: Buffer, id: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id && end <= extra.length) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/* Traditional PKWARE encryption (APPNOTE.TXT, 6.1). */

/** Bytes in front of the data: random, but for the last one, which tells whether the password fits. */
const TRADITIONAL_HEADER = 12;
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
function traditionalDecryptor(
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

/* AES as WinZip has it (AE-1 and AE-2): salt, verification value, data, authentication code. */

const VERIFICATION = 2;
const CODE = 10;
const ROUNDS = 1000;
const BLOCK = 16;
/** Bytes that are decrypted at once. */
const AES_PIECE = 64 * 1024;

/** Bytes of salt and of each key, by the strength of the extra field: 128, 192 and 256 bits. */
const STRENGTHS: ReadonlyMap<number, { salt: number; key: number }> = new Map([
  [1, { salt: 8, key: 16 }],
  [2, { salt: 12, key: 24 }],
  [3, { salt: 16, key: 32 }],
]);

/** What the extra field 0x9901 says. */
interface AesFacts {
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

const aesOverhead = ({ salt }: AesFacts): number => salt + VERIFICATION + CODE;

/** Key stream of AES in counter mode with a little-endian counter that begins with 1. */
class KeyStream {
  readonly #counters = Buffer.alloc(AES_PIECE);
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
function aesDecryptor(
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
      const piece = input.peek(Math.min(AES_PIECE, left));
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
