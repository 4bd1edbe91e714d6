import type { Extent } from '../../../core/base/bytes/extent.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Secret } from '../../../core/base/crypto/secret.js';
import { readAt } from '../decoding/archive-reads.js';
import type { ContainerDecoder } from '../decoding/decoder.js';
import { type AesFacts, aesDecryptor, aesFacts, aesOverhead } from './aes.js';
import { TRADITIONAL_HEADER, traditionalDecryptor } from './traditional-cipher.js';

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
