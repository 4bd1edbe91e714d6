import { timingSafeEqual } from 'node:crypto';
import { resume, SHA2, type Sha2 } from '../sha2.js';
import type { Kernel } from './kernel.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Budget, Shortfall } from './shortfall.js';
import type { SignedToken } from './types.js';

/** A hash's state behind exactly one block. */
interface State {
  hash: Sha2;
  /** Big-endian words. */
  words: Buffer;
  offset: number;
}

/** The two states that HMAC starts from, under which a token of the dump holds. */
export interface HmacStatesFound {
  inner: State;
  outer: State;
  token: SignedToken;
}

/** States of one artifact, and pairs of an inner digest and an outer state: 5 us each, SHA-512 150 us. */
const MOST_STATES = 512;
const MOST_PAIRS = 20_000;

/** How a library keeps a hash that has taken one block, by the run that its state is. `start` and `end`: the run's, give or take a word. */
type Layout = (
  bytes: Buffer,
  start: number,
  end: number,
) => { hash: Sha2; at: number; swap: boolean } | undefined;

/** OpenSSL's SHA256_CTX and SHA512_CTX (sha.h): h[8], the bits so far, a block, num, md_len. */
function openssl(bytes: Buffer, _start: number, end: number): ReturnType<Layout> {
  if (end + 160 > bytes.length || end < 64) return undefined;
  const bits = bytes.readBigUInt64LE(end);
  if (bits === 512n && bytes.readUInt32LE(end + 72) === 0 && bytes.readUInt32LE(end + 76) === 32)
    return { hash: 'sha256', at: end - 32, swap: true };
  if (bits !== 1024n || bytes.readBigUInt64LE(end + 8) !== 0n || bytes.readUInt32LE(end + 144) !== 0)
    return undefined;
  const length = bytes.readUInt32LE(end + 148);
  if (length !== 48 && length !== 64) return undefined;
  return { hash: length === 48 ? 'sha384' : 'sha512', at: end - 64, swap: true };
}

/** Last byte of the magic "sha?" of a state that Go has marshalled (crypto/sha256, crypto/sha512). */
const GO: Readonly<Record<number, Sha2>> = { 3: 'sha256', 4: 'sha384', 7: 'sha512' };

/** Go's marshalled states: magic, h[8], the block that is not full, the octets so far; all big-endian. crypto/hmac keeps no more. */
function go(bytes: Buffer, start: number): ReturnType<Layout> {
  if (start < 0 || start + 212 > bytes.length || bytes.toString('latin1', start, start + 3) !== 'sha')
    return undefined;
  const hash = GO[bytes[start + 3]!];
  if (hash === undefined) return undefined;
  const { state, block } = SHA2[hash];
  const end = start + 4 + state + block;
  const length = bytes.readBigUInt64BE(end);
  return length === BigInt(block) ? { hash, at: start + 4, swap: false } : undefined;
}

const LAYOUTS: readonly Layout[] = [openssl, go];

/** States behind one block, of hashes that some token is signed with. */
function* statesOf(
  hashes: ReadonlySet<string>,
  kernel: Kernel,
  bytes: RunBytes,
  runs: RunList,
): Generator<State> {
  for (const run of runs) {
    for (const { at, words, offset, after, before } of bytes.pieces(run)) {
      const all = kernel.bytes.subarray(0, at + after);
      for (const shift of [-8, 0, 8]) {
        for (const layout of LAYOUTS) {
          const found = layout(all, at + shift, at + words * 8 + shift);
          if (found === undefined || found.at < at - before || !hashes.has(found.hash)) continue;
          const { state, word } = SHA2[found.hash];
          const stored = Buffer.from(all.subarray(found.at, found.at + state));
          const big = found.swap ? (word === 4 ? stored.swap32() : stored.swap64()) : stored;
          yield { hash: found.hash, words: big, offset: offset + found.at - at };
        }
      }
    }
  }
}

/**
 * HMAC without its key: an implementation may keep only the hash's states behind the padded keys (RFC 2104, section 4), and they
 * sign as the key does. Which is the inner and which the outer one, a token tells.
 */
export function* hmacStates(
  tokens: readonly SignedToken[],
  kernel: Kernel,
  bytes: RunBytes,
  runs: RunList,
  shortfall: Shortfall,
  budget: Budget,
): Generator<HmacStatesFound> {
  if (tokens.length === 0) return;
  const known = new Map<string, State>();
  for (const state of statesOf(new Set(tokens.map(({ hash }) => hash)), kernel, bytes, runs)) {
    const id = `${state.hash} ${state.words.toString('base64')}`;
    if (known.size < budget(MOST_STATES)) known.set(id, known.get(id) ?? state);
    else tell(shortfall, state);
  }
  let pairs = budget(MOST_PAIRS);
  for (const token of tokens) {
    const states = [...known.values()].filter(({ hash }) => hash === token.hash);
    const found = pairOf(states, token, (state) => {
      if (pairs <= 0) tell(shortfall, state);
      return pairs-- > 0;
    });
    if (found) yield found;
  }
}

function tell(shortfall: Shortfall, { offset, words }: State): void {
  shortfall.add('hmac-states', 'states of a hash were not tried', offset, offset + words.length);
}

/** The pair under which a token holds; `open` says whether another may be tried. */
function pairOf(
  states: readonly State[],
  token: SignedToken,
  open: (state: State) => boolean,
): HmacStatesFound | undefined {
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
