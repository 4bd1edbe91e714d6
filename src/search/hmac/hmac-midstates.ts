import { timingSafeEqual } from 'node:crypto';
import { resume, SHA2, type Sha2 } from '../../base/crypto/sha2.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import type { SignedToken } from '../core/types.js';

/** A hash's state behind exactly one block. */
interface Midstate {
  hash: Sha2;
  /** Big-endian words. */
  words: Buffer;
  offset: number;
}

/** The two states that HMAC starts from, under which a token of the dump holds. */
export interface MidstatePair {
  inner: Midstate;
  outer: Midstate;
  token: SignedToken;
}

/** States of one artifact, and pairs of an inner digest and an outer state: 5 us each, SHA-512 150 us. */
const MAX_STATES = 512;
const MAX_PAIRS = 20_000;

/** How a library keeps a hash that has taken one block, by the run that its state is. `start` and `end`: the run's, give or take a word. */
type Layout = (bytes: Buffer, start: number, end: number) => Found | undefined;

interface Found {
  /** What the context may be of. */
  hashes: readonly Sha2[];
  at: number;
  /** The state's words are little-endian. */
  swap: boolean;
}

/** Where a context does not say which of the two it is of: they differ in their first state alone. */
const LONG = ['sha384', 'sha512'] as const;

/** A word of the context; outside of what was read, none that a context has. */
const u64 = (bytes: Buffer, at: number): bigint =>
  at < 0 || at + 8 > bytes.length ? -1n : bytes.readBigUInt64LE(at);
const u32 = (bytes: Buffer, at: number): number =>
  at < 0 || at + 4 > bytes.length ? -1 : bytes.readUInt32LE(at);

/** OpenSSL's SHA256_CTX and SHA512_CTX (sha.h): h[8], the bits so far, a block, num, md_len. */
function openssl(bytes: Buffer, _start: number, end: number): Found | undefined {
  const bits = u64(bytes, end);
  if (bits === 512n && u32(bytes, end + 72) === 0 && u32(bytes, end + 76) === 32)
    return { hashes: ['sha256'], at: end - 32, swap: true };
  if (bits !== 1024n || u64(bytes, end + 8) !== 0n || u32(bytes, end + 144) !== 0) return undefined;
  const length = u32(bytes, end + 148);
  if (length !== 48 && length !== 64) return undefined;
  return { hashes: [length === 48 ? 'sha384' : 'sha512'], at: end - 64, swap: true };
}

/** Last byte of the magic "sha?" of a state that Go has marshalled (crypto/sha256, crypto/sha512). */
const GO: Readonly<Record<number, Sha2>> = { 3: 'sha256', 4: 'sha384', 7: 'sha512' };

/** Go's marshalled states: magic, h[8], the block that is not full, the octets so far; all big-endian. crypto/hmac keeps no more. */
function go(bytes: Buffer, start: number): Found | undefined {
  if (start < 0 || start + 212 > bytes.length || bytes.toString('latin1', start, start + 3) !== 'sha')
    return undefined;
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
 * nettle's sha256_ctx and sha512_ctx (sha2.h), and so GnuTLS': h[8], the blocks so far in a word or two, an index, a block. HMAC has two of them
 * side by side (hmac.h); a one and zeros behind a single number are no rarity.
 */
function nettle(bytes: Buffer, _start: number, end: number): Found | undefined {
  const isShort = (at: number) => u64(bytes, at) === 1n && u32(bytes, at + 8) === 0;
  const isLong = (at: number) => isShort(at) && u64(bytes, at + 8) === 0n && u32(bytes, at + 16) === 0;
  if (!isShort(end)) return undefined;
  const beside = (is: (at: number) => boolean, by: number) => is(end - by) || is(end + by);
  if (isLong(end) && beside(isLong, NETTLE.long)) return { hashes: LONG, at: end - 64, swap: true };
  return beside(isShort, NETTLE.short) ? { hashes: ['sha256'], at: end - 32, swap: true } : undefined;
}

/**
 * ring's BlockContext (digest.rs, 0.17): which kind of state, h[8], behind 32 bits or 64, room for the longer one, an address, the octets so far. A short
 * state begins in the middle of a word that the net does not take.
 */
function ring(bytes: Buffer, start: number, end: number): Found | undefined {
  const context = (at: number, kind: number, octets: bigint) =>
    u64(bytes, at + 80) === octets && u32(bytes, at) === kind && u32(bytes, at + 76) >>> 16 === 0;
  if (context(end - 72, 0, 128n)) return { hashes: LONG, at: end - 64, swap: true };
  return context(start - 8, 1, 64n) ? { hashes: ['sha256'], at: start - 4, swap: true } : undefined;
}

const LAYOUTS: readonly Layout[] = [openssl, go, nettle, ring];

/** States behind one block, of hashes that some token is signed with. */
function* midstates(
  hashes: ReadonlySet<string>,
  kernel: Kernel,
  bytes: RunBytes,
  runs: RunList,
): Generator<Midstate> {
  for (const run of runs) {
    for (const { at, words, offset, after, before } of bytes.widePieces(run)) {
      const all = kernel.bytes.subarray(0, at + after);
      for (const shift of [-8, 0, 8]) {
        for (const layout of LAYOUTS) {
          const found = layout(all, at + shift, at + words * 8 + shift);
          if (found === undefined || found.at < at - before) continue;
          for (const hash of found.hashes) {
            if (!hashes.has(hash)) continue;
            const { state, word } = SHA2[hash];
            const stored = Buffer.from(all.subarray(found.at, found.at + state));
            const big = found.swap ? (word === 4 ? stored.swap32() : stored.swap64()) : stored;
            yield { hash, words: big, offset: offset + found.at - at };
          }
        }
      }
    }
  }
}

/**
 * HMAC without its key: an implementation may keep only the hash's states behind the padded keys (RFC 2104, section 4), and they
 * sign as the key does. Which is the inner and which the outer one, a token tells.
 */
export function* hmacMidstates(
  tokens: readonly SignedToken[],
  kernel: Kernel,
  bytes: RunBytes,
  runs: RunList,
  shortfall: SkippedWork,
  budget: Budget,
): Generator<MidstatePair> {
  if (tokens.length === 0) return;
  const known = new Map<string, Midstate>();
  for (const state of midstates(new Set(tokens.map(({ hash }) => hash)), kernel, bytes, runs)) {
    const id = `${state.hash} ${state.words.toString('base64')}`;
    if (known.has(id)) continue;
    if (known.size < budget(MAX_STATES)) known.set(id, state);
    else skip(shortfall, state);
  }
  let pairs = budget(MAX_PAIRS);
  for (const token of tokens) {
    const states = [...known.values()].filter(({ hash }) => hash === token.hash);
    const found = verifyingPair(states, token, (state) => {
      if (pairs <= 0) skip(shortfall, state);
      return pairs-- > 0;
    });
    if (found) yield found;
  }
}

function skip(shortfall: SkippedWork, { offset, words }: Midstate): void {
  shortfall.add('hmac-states', 'states of a hash were not tried', offset, offset + words.length);
}

/** The pair under which a token holds; `open` says whether another may be tried. */
function verifyingPair(
  states: readonly Midstate[],
  token: SignedToken,
  open: (state: Midstate) => boolean,
): MidstatePair | undefined {
  for (const inner of states) {
    const digest = resume(inner.hash, inner.words, 1, token.signed);
    for (const outer of states) {
      if (outer === inner) continue;
      if (!open(outer)) return undefined;
      const mac = resume(outer.hash, outer.words, 1, digest);
      if (mac.length === token.signature.length && timingSafeEqual(mac, token.signature))
        return { inner, outer, token };
    }
  }
  return undefined;
}
