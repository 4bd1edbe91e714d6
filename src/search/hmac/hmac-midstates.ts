import { timingSafeEqual } from 'node:crypto';
import { resume, SHA2, type Sha2 } from '../../base/crypto/sha2.js';
import type { SearchContext } from '../core/search-context.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { SignedToken } from '../core/types.js';
import { CONTEXT_LAYOUTS } from './sha2-contexts.js';

/** A midstate: the chaining value of a hash after exactly one block. */
interface Midstate {
  hash: Sha2;
  /** Big-endian words. */
  words: Buffer;
  offset: number;
}

/** Midstates of HMAC's inner and outer hash that verify a token of the dump. */
export interface MidstatePair {
  inner: Midstate;
  outer: Midstate;
  token: SignedToken;
}

/**
 * Midstates of one artifact, and pairs of an inner digest and an outer midstate: 5 us each, SHA-512 150 us.
 */
const MAX_STATES = 512;
const MAX_PAIRS = 20_000;

/** Midstates of the hashes that tokens are signed with. */
function* midstates(
  hashes: ReadonlySet<string>,
  { kernel, bytes, runs }: SearchContext,
): Generator<Midstate> {
  for (const run of runs)
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

/**
 * HMAC without its key: an implementation may keep only the midstates after the padded keys (RFC 2104,
 * section 4), and they sign as the key does. A token decides which is the inner and which the outer one.
 */
export function* hmacMidstates(
  tokens: readonly SignedToken[],
  context: SearchContext,
): Generator<MidstatePair> {
  if (tokens.length === 0) return;
  const { skippedWork, budget } = context;
  const known = new Map<string, Midstate>();
  for (const state of midstates(new Set(tokens.map(({ hash }) => hash)), context)) {
    const id = `${state.hash} ${state.words.toString('base64')}`;
    if (known.has(id)) continue;
    if (known.size < budget(MAX_STATES)) known.set(id, state);
    else skip(skippedWork, state);
  }
  let pairs = budget(MAX_PAIRS);
  for (const token of tokens) {
    const states = [...known.values()].filter(({ hash }) => hash === token.hash);
    const found = verifyingPair(states, token, (state) => {
      if (pairs <= 0) skip(skippedWork, state);
      return pairs-- > 0;
    });
    if (found) yield found;
  }
}

function skip(skippedWork: SkippedWork, { offset, words }: Midstate): void {
  skippedWork.add(
    'hmac-states',
    { target: 'blind', left: 1 },
    'midstates of a hash were not tried',
    offset,
    offset + words.length,
  );
}

/** The pair that verifies a token; `mayTry` is false once the budget is spent. */
function verifyingPair(
  states: readonly Midstate[],
  token: SignedToken,
  mayTry: (state: Midstate) => boolean,
): MidstatePair | undefined {
  for (const inner of states) {
    const digest = resume(inner.hash, inner.words, 1, token.signed);
    for (const outer of states) {
      if (outer === inner) continue;
      if (!mayTry(outer)) return undefined;
      const mac = resume(outer.hash, outer.words, 1, digest);
      if (mac.length === token.signature.length && timingSafeEqual(mac, token.signature))
        return { inner, outer, token };
    }
  }
  return undefined;
}
