import { SHA2, type Sha2 } from '../../../core/base/crypto/sha2.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { SearchContext } from '../../core/search-context.js';
import type { SignedToken } from '../../core/types.js';
import { BATCH, MacBatch } from './mac-kernel.js';
import { CONTEXT_LAYOUTS } from './sha2-contexts.js';
import type { TokenSet, TriedToken } from './token-set.js';
import type { UntriedPairs } from './untried-pairs.js';

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
    count * rest.reduce((sum, { units }) => sum + units, 0),
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
