import { SHA2, type Sha2 } from '../../../core/base/crypto/sha2.js';

/**
 * Recognises a library's hash context after exactly one block, around the run made by its chaining value.
 * `start` and `end` are those of the run, give or take a word.
 */
export type Sha2ContextLayout = (bytes: Buffer, start: number, end: number) => ContextFound | undefined;

interface ContextFound {
  /** Hashes that the context may belong to. */
  hashes: readonly Sha2[];
  /** Index of the chaining value. */
  at: number;
  /** Its words are little-endian. */
  swap: boolean;
}

/** A context of one of these does not say which: they differ in their initial value only. */
const LONG = ['sha384', 'sha512'] as const;

/** A word of the context; -1, which no context has there, outside of what was read. */
const u32 = (bytes: Buffer, at: number): number =>
  at < 0 || at + 4 > bytes.length ? -1 : bytes.readUInt32LE(at);
/** The word of 64 bits has this value. */
const isU64 = (bytes: Buffer, at: number, value: number): boolean =>
  u32(bytes, at) === value && u32(bytes, at + 4) === 0;

/** OpenSSL's SHA256_CTX and SHA512_CTX (sha.h): h[8], message bits, block buffer, num, md_len. */
function openssl(bytes: Buffer, _start: number, end: number): ContextFound | undefined {
  if (isU64(bytes, end, 512) && u32(bytes, end + 72) === 0 && u32(bytes, end + 76) === 32)
    return { hashes: ['sha256'], at: end - 32, swap: true };
  if (!isU64(bytes, end, 1024) || !isU64(bytes, end + 8, 0) || u32(bytes, end + 144) !== 0) return undefined;
  const length = u32(bytes, end + 148);
  if (length !== 48 && length !== 64) return undefined;
  return { hashes: [length === 48 ? 'sha384' : 'sha512'], at: end - 64, swap: true };
}

/** `sha`. */
const SHA = 0x73_6861;
/** Last byte of the magic `sha?` of a hash marshalled by Go (crypto/sha256, crypto/sha512). */
const GO: Readonly<Record<number, Sha2>> = { 3: 'sha256', 4: 'sha384', 7: 'sha512' };

/**
 * Go's marshalled hashes: magic, h[8], block buffer, message octets; all big-endian. crypto/hmac keeps only
 * these.
 */
function go(bytes: Buffer, start: number): ContextFound | undefined {
  if (start < 0 || start + 212 > bytes.length || bytes.readUIntBE(start, 3) !== SHA) return undefined;
  const hash = GO[bytes[start + 3]!];
  if (hash === undefined) return undefined;
  const { state, block } = SHA2[hash];
  const end = start + 4 + state + block;
  const length = bytes.readBigUInt64BE(end);
  return length === BigInt(block) ? { hashes: [hash], at: start + 4, swap: false } : undefined;
}

/** Bytes from one of nettle's contexts to the next. */
const NETTLE = { short: 112, long: 216 };

/**
 * sha256_ctx and sha512_ctx of nettle (sha2.h) and so of GnuTLS: h[8], block count in one or two words,
 * index, block buffer. HMAC has two contexts side by side (hmac.h), and both are required: a one and zeros
 * after a single number are common.
 */
function nettle(bytes: Buffer, _start: number, end: number): ContextFound | undefined {
  const isShort = (at: number) => isU64(bytes, at, 1) && u32(bytes, at + 8) === 0;
  const isLong = (at: number) => isShort(at) && isU64(bytes, at + 8, 0) && u32(bytes, at + 16) === 0;
  if (!isShort(end)) return undefined;
  const hasNeighbour = (is: (at: number) => boolean, distance: number) =>
    is(end - distance) || is(end + distance);
  if (isLong(end) && hasNeighbour(isLong, NETTLE.long)) return { hashes: LONG, at: end - 64, swap: true };
  if (!hasNeighbour(isShort, NETTLE.short)) return undefined;
  return { hashes: ['sha256'], at: end - 32, swap: true };
}

/**
 * BlockContext of ring (digest.rs, 0.17): 32-bit tag of the state's kind, h[8] of 32 or 64 bits in room for
 * the longer one, an address, message octets. A short state begins in the middle of a word that the entropy
 * net does not take.
 */
function ring(bytes: Buffer, start: number, end: number): ContextFound | undefined {
  const context = (at: number, kind: number, octets: number) =>
    isU64(bytes, at + 80, octets) && u32(bytes, at) === kind && u32(bytes, at + 76) >>> 16 === 0;
  if (context(end - 72, 0, 128)) return { hashes: LONG, at: end - 64, swap: true };
  return context(start - 8, 1, 64) ? { hashes: ['sha256'], at: start - 4, swap: true } : undefined;
}

export const CONTEXT_LAYOUTS: readonly Sha2ContextLayout[] = [openssl, go, nettle, ring];
