import { constants, createHash, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';
import { toBigint } from '../../core/base/bytes/integers.js';
import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import { bitLength } from '../core/integer-encodings.js';
import { probeRuns } from '../core/probe-runs.js';
import type { SearchContext } from '../core/search-context.js';
import type { WorkBudget } from '../core/skipped-work.js';
import { rsaPublic } from '../rsa/rsa-key.js';

type Protocol = 'TLS' | 'SSH';

/** A signature attributed to a key. For RSA the padding suffices; the signed message is not needed. */
export interface MadeSignature {
  offset: number;
  signature: Buffer;
  /** The key's canonical SubjectPublicKeyInfo. */
  spki: Uint8Array;
  protocol: Protocol;
  /** `RSASSA-PSS, SHA-256` */
  scheme: string;
}

/** Bytes of a signature that may precede or follow its run. */
const MAX_LOST_BYTES = 16;
/** Octets of a signature's length; SSH has two more, which are zero. */
const LENGTH_BYTES = 2;
/**
 * Bytes of the set of lengths in the kernel: a bit for each multiple of eight octets, up to those of 16,384
 * bits.
 */
const LENGTH_SET_BYTES = 33;
/** Octets of the longest algorithm name and the length after it. */
const MAX_HEADER_BYTES = 16;
/** Bits of the longest modulus. */
const MAX_MODULUS_BITS = 16_384;
/** Cost of a public-key operation with a usual e, for each squared word of the modulus. */
const COST_PER_SQUARED_WORD = 40;

/** Places of a length that are read between two pauses. */
const PACE = 256;

/** DigestInfo without the digest (RFC 8017, 9.2, note 1). */
const DIGESTS: readonly { name: string; hash: string; length: number; prefix: Buffer }[] = [
  ['SHA-256', 'sha256', 32, '3031300d060960864801650304020105000420'] as const,
  ['SHA-384', 'sha384', 48, '3041300d060960864801650304020205000430'] as const,
  ['SHA-512', 'sha512', 64, '3051300d060960864801650304020305000440'] as const,
  ['SHA-1', 'sha1', 20, '3021300906052b0e03021a05000414'] as const,
].map(([name, hash, length, prefix]) => ({ name, hash, length, prefix: Buffer.from(prefix, 'hex') }));

const CANDIDATE = {
  search: 'rsa-signatures',
  what: 'numbers were not tried as signatures',
  targets: ['blind'],
  count: 1,
} as const;

interface Signer {
  spki: Uint8Array;
  key: KeyObject;
  n: bigint;
  octets: number;
}

function signersOf(keys: readonly Uint8Array[]): Signer[] {
  const signers: Signer[] = [];
  for (const spki of keys) {
    const publicKey = rsaPublic(spki);
    if (publicKey === undefined || bitLength(publicKey.e) > 32) continue;
    if (bitLength(publicKey.n) % 64 !== 0 || bitLength(publicKey.n) > MAX_MODULUS_BITS) continue;
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    signers.push({ spki, key, n: publicKey.n, octets: bitLength(publicKey.n) / 8 });
  }
  return signers;
}

/**
 * Signatures of proven RSA keys after their algorithm and length, as TLS and SSH encode them. A signature
 * without these may be that of a certificate, which does not show how the key is used.
 */
export function* rsaSignatures(
  keys: readonly Uint8Array[],
  { kernel, bytes, runs, effort }: Pick<SearchContext, 'kernel' | 'bytes' | 'runs'> & { effort: WorkBudget },
): Pausing<MadeSignature> {
  const signers = signersOf(keys);
  if (signers.length === 0) return;
  const sizes = new Set(signers.map(({ octets }) => octets));
  for (const candidate of candidates(sizes, { kernel, bytes, runs })) {
    yield;
    if (candidate === undefined) continue;
    const { at, octets, offset, protocol } = candidate;
    for (const signer of signers) {
      if (signer.octets !== octets) continue;
      const place = { from: offset, to: offset + octets };
      if (!effort.spend(COST_PER_SQUARED_WORD * (octets / 8) ** 2, { ...CANDIDATE, ...place })) continue;
      const signature = Buffer.from(kernel.bytes.subarray(at, at + octets));
      const scheme = schemeOf(signature, signer);
      if (scheme !== undefined) yield { offset, signature, spki: signer.spki, protocol, scheme };
    }
  }
}

/**
 * Possible signatures of these sizes, found by the length before them. A public key may precede one in the
 * same run.
 */
function* candidates(
  sizes: ReadonlySet<number>,
  { kernel, bytes, runs }: Pick<SearchContext, 'kernel' | 'bytes' | 'runs'>,
): Pausing<{ at: number; octets: number; offset: number; protocol: Protocol }> {
  const lengths = kernel.allocate(LENGTH_SET_BYTES);
  const bits = kernel.view(lengths, LENGTH_SET_BYTES).fill(0);
  for (const octets of sizes) bits[octets >> 6]! |= 1 << ((octets >> 3) & 7);
  const least = Math.min(...sizes);
  const pace = new Pace(PACE);
  for (const { at, piece } of probeRuns(kernel, bytes, runs, {
    least: Math.ceil((least - 2 * MAX_LOST_BYTES) / 8),
    width: LENGTH_BYTES,
    first: -MAX_LOST_BYTES,
    last: MAX_LOST_BYTES - least - LENGTH_BYTES,
    probe: (from, places, hits, most) => kernel.call.lengthHeads(from, from + places, lengths, hits, most),
  })) {
    if (pace.isDue()) yield;
    const octets = kernel.bytes.readUInt16BE(at);
    const start = at + LENGTH_BYTES;
    const end = piece.at + Math.min(piece.words * 8 + MAX_LOST_BYTES, piece.after);
    if (start - MAX_HEADER_BYTES < piece.at - piece.before || start + octets > end) continue;
    const protocol = protocolOf(kernel.bytes.subarray(start - MAX_HEADER_BYTES, start));
    if (protocol) yield { at: start, octets, offset: piece.offset + start - piece.at, protocol };
  }
}

/**
 * The padding of signature^e mod n: RSASSA-PKCS1-v1_5, or RSASSA-PSS with a salt as long as the digest (RFC
 * 8446, 4.2.3).
 */
function schemeOf(signature: Buffer, { key, n, octets }: Signer): string | undefined {
  if (toBigint(signature) >= n) return undefined;
  const encoded = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  for (const { name, length, prefix } of DIGESTS) {
    const filled = octets - length - prefix.length - 3;
    if (filled < 8) continue;
    const front = Buffer.concat([Buffer.of(0, 1), Buffer.alloc(filled, 0xff), Buffer.alloc(1), prefix]);
    if (encoded.subarray(0, front.length).equals(front)) return `RSASSA-PKCS1-v1_5, ${name}`;
  }
  return DIGESTS.filter((digest) => isPss(encoded, digest)).map(({ name }) => `RSASSA-PSS, ${name}`)[0];
}

/**
 * EMSA-PSS-VERIFY (RFC 8017, 9.1.2), steps 4 to 10, for moduli of whole octets: zeros, a one, and the salt.
 */
function isPss(encoded: Buffer, { hash, length }: (typeof DIGESTS)[number]): boolean {
  const masked = encoded.subarray(0, encoded.length - length - 1);
  const zeros = masked.length - length - 1;
  if (encoded.at(-1) !== 0xbc || encoded[0]! > 127 || zeros < 8) return false;
  const seed = encoded.subarray(masked.length, masked.length + length);
  const mask = mgf1(hash, seed, masked.length);
  for (let i = 0; i <= zeros; i++) {
    const byte = (masked[i]! ^ mask[i]!) & (i === 0 ? 0x7f : 0xff);
    if (byte !== (i === zeros ? 1 : 0)) return false;
  }
  return true;
}

/** MGF1 (RFC 8017, B.2.1). */
function mgf1(hash: string, seed: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0, done = 0; done < length; i++) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(i);
    parts.push(createHash(hash).update(seed).update(counter).digest());
    done += parts[i]!.length;
  }
  return Buffer.concat(parts);
}

/** SignatureSchemes of RSA (RFC 8446, 4.2.3). */
const TLS_SCHEMES: ReadonlySet<number> = new Set([
  0x0201, 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,
]);

/** SSH: the algorithm's name and a length in four octets (RFC 8332, 3). TLS: a scheme and a length in two. */
function protocolOf(before: Buffer): Protocol | undefined {
  if (/(ssh-rsa|rsa-sha2-256|rsa-sha2-512)\0\0..$/s.test(before.toString('latin1'))) return 'SSH';
  return TLS_SCHEMES.has(before.readUInt16BE(before.length - 4)) ? 'TLS' : undefined;
}
