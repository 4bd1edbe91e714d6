import { SHA2, type Sha2 } from '../../../core/base/crypto/sha2.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { SearchContext } from '../../core/search-context.js';
import type { SignedToken } from '../../core/types.js';
import { BATCH, MacBatch } from './mac-kernel.js';
import type { UntriedPairs } from './pair-trials.js';
import type { TokenSet, TriedToken } from './token-set.js';

/** A midstate: the chaining value of a hash after exactly one block. */
interface Midstate {
  hash: Sha2;
  /** Big-endian words. */
  words: Buffer;
  offset: number;
}

/** Midstates of HMAC's inner and outer hash that verify a token of the dump. */
export interface MidstatePair extends Pair {
  token: SignedToken;
}

/** Midstates of one artifact, and work of all their pairs on tokens, in blocks of SHA-256: 0.5 s. */
const MAX_STATES = 512;
const UNITS = 5_000_000;

/** Between two pauses: words of runs, and units of trials. */
const PACE = { words: 1 << 12, units: 10_000 };

/** Midstates of the hashes that tokens are signed with. */
function* midstates(hashes: ReadonlySet<Sha2>, { kernel, bytes, runs }: SearchContext): Pausing<Midstate> {
  const pace = new Pace(PACE.words);
  for (const run of runs) {
    if (pace.isDue(run.words)) yield;
    for (const { at, words, offset, after, before } of bytes.widePieces(run)) {
      const all = kernel.bytes.subarray(0, at + after);
      for (const shift of [-8, 0, 8])
        for (const layout of CONTEXT_LAYOUTS) {
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

/**
 * HMAC without its key: an implementation may keep only the midstates after the padded keys (RFC 2104,
 * section 4), and they sign as the key does. A token decides which is the inner and which the outer one.
 */
export function* hmacMidstates(
  tokens: TokenSet,
  untried: UntriedPairs,
  context: SearchContext,
): Pausing<MidstatePair> {
  const { budget } = context;
  const hashes = new Set(tokens.open().map(({ hash }) => hash));
  if (hashes.size === 0) return;
  const known = new Map<string, Midstate>();
  for (const state of midstates(hashes, context)) {
    if (state === undefined) {
      yield;
      continue;
    }
    const id = `${state.hash} ${state.words.toString('base64')}`;
    if (known.has(id)) continue;
    if (known.size < budget(MAX_STATES)) known.set(id, state);
    else untried.candidate('hmac-states', state.offset, state.words.length);
  }
  const left = { units: budget(UNITS) };
  for (const hash of hashes) {
    const states = [...known.values()].filter((state) => state.hash === hash);
    yield* verifyingPairs(states, tokens, untried, left);
  }
}

/** Units of work for loading a pair. */
const LOADING = 8;

/** Pairs that verify a token, within a budget of work. */
function* verifyingPairs(
  states: readonly Midstate[],
  tokens: TokenSet,
  untried: UntriedPairs,
  left: { units: number },
): Pausing<MidstatePair> {
  const [first] = states;
  if (first === undefined || states.length === 1) return;
  const { hash } = first;
  const count = states.length * (states.length - 1);
  const own = tokens.open().filter((token) => token.hash === hash);
  left.units -= count * LOADING;
  const affordable = own.findIndex(({ units }) => {
    left.units -= count * units;
    return left.units < 0;
  });
  const tried = affordable < 0 ? own : own.slice(0, affordable);
  const rest = own.slice(tried.length);
  const last = states.at(-1)!;
  untried.add(
    'hmac-states',
    { from: first.offset, to: last.offset + last.words.length },
    count * rest.length,
  );
  if (tried.length === 0) return;
  const pairs = pairsOf(states);
  const pace = new Pace(PACE.units);
  for (let at = 0; at < pairs.length; at += BATCH) {
    const some = pairs.slice(at, at + BATCH);
    const batch = MacBatch.ofStates(hash, some);
    const hits: { each: TriedToken; pair: Pair }[] = [];
    for (const each of tried) {
      if (!tokens.isOpen(each)) continue;
      for (const index of batch.matching(each.token)) hits.push({ each, pair: some[index]! });
      if (pace.isDue(batch.size * each.units)) yield;
    }
    for (const { each, pair } of hits) {
      if (!tokens.isOpen(each)) continue;
      yield { ...pair, token: each.token };
      // Tokens of one service share its key.
      const found = MacBatch.ofStates(hash, [pair]);
      for (const other of own) {
        if (tokens.isOpen(other) && found.matching(other.token).length > 0) tokens.settle(other);
        if (pace.isDue(LOADING)) yield;
      }
    }
  }
}

interface Pair {
  inner: Midstate;
  outer: Midstate;
}

const pairsOf = (states: readonly Midstate[]): Pair[] =>
  states.flatMap((inner) => states.filter((outer) => outer !== inner).map((outer) => ({ inner, outer })));

/**
 * Recognises a library's hash context after exactly one block, around the run made by its chaining value.
 * `start` and `end` are those of the run, give or take a word.
 */
type Sha2ContextLayout = (bytes: Buffer, start: number, end: number) => ContextFound | undefined;

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

const CONTEXT_LAYOUTS: readonly Sha2ContextLayout[] = [openssl, go, nettle, ring];
