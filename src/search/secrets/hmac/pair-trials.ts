import type { Sha2 } from '../../../core/base/crypto/sha2.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { MacHits, MacTask, MacThreads } from '../../core/mac-threads.js';
import type { SkippedWork } from '../../core/skipped-work.js';
import type { CandidateList } from './candidate-list.js';
import type { HmacSecret } from './hmac-secret.js';
import { BATCH, hitsOf, MacBatch, type MacBlock, taskOf } from './mac-kernel.js';
import { type TokenSet, type TriedToken, UNITS } from './token-set.js';

/** A symmetric key that verifies a token of the dump. */
export interface SecretFound extends HmacSecret {
  token: TriedToken['token'];
}

/** Units of work for the midstates of a key. */
const MIDSTATES = 8;
/**
 * Tokens that a batch of keys is tried on before the next batch has its turn. Later rounds have more, so that
 * midstates are computed a few times at most.
 */
const ROUND = { first: 16, growth: 4 };
/**
 * Batches that are tried before the tokens that they verify are settled, whether on one thread or on several:
 * reports are equal. Batches beyond the first work a little more than they must where a key is found.
 */
const WINDOW = 8;
/** Units of a task: some hundredths of a second. */
const TASK = 250_000;
/** Units from which on threads are worth their messages. */
const WORTH = 500_000;
/** Share of the budget for trials of found keys on tokens of other groups, in units. */
const SETTLING = 4_000_000;
/** Units between two pauses. */
const PACE = 10_000;
/** Units that the trial of a single key takes as long as. */
const SINGLE = 50;

const sum = (tokens: readonly TriedToken[]): number =>
  tokens.reduce((units, token) => units + token.units, 0);

/** Tries keys on tokens, within one budget of work: keys times tokens, in blocks of SHA-256. */
export class PairTrials {
  readonly #tokens: TokenSet;
  readonly #untried: UntriedPairs;
  readonly #found = new Set<string>();
  readonly #pace = new Pace(PACE);
  readonly #threads: MacThreads | undefined;
  #left: number;
  #spent = 0;
  #settling: number;

  /** `threads`: without them all trials are on this one. */
  constructor(
    tokens: TokenSet,
    untried: UntriedPairs,
    budget: (usual: number) => number,
    units: number,
    threads?: MacThreads,
  ) {
    this.#threads = threads;
    this.#tokens = tokens;
    this.#untried = untried;
    this.#left = budget(units);
    this.#settling = budget(SETTLING);
  }

  /** Units so far. */
  get spent(): number {
    return this.#spent;
  }

  /**
   * Every key on every token, in the order of the tokens, within at most `units`. What is left over is
   * reported as a limit.
   */
  *product(
    list: CandidateList,
    search: PairLimit,
    tokens: readonly TriedToken[],
    units = Number.POSITIVE_INFINITY,
  ): Pausing<SecretFound> {
    if (list.size === 0) return;
    let spare = Math.min(units, this.#left);
    let isShort = false;
    let size = ROUND.first;
    for (let at = 0; at < tokens.length; size *= ROUND.growth) {
      const round = tokens.slice(at, at + fitting(list.size, tokens.slice(at, at + size), spare));
      at += round.length;
      for (const hash of new Set(round.map((token) => token.hash))) {
        const own = round.filter((token) => token.hash === hash);
        for (let from = 0; from < list.size; ) {
          const open = own.filter((token) => this.#tokens.isOpen(token));
          if (open.length === 0) break;
          const each = sum(open) + MIDSTATES * UNITS[hash];
          const wanted = Math.min(WINDOW * BATCH, list.size - from);
          const keys = withinUnits(wanted, each, spare);
          spare -= keys * each;
          this.#left -= keys * each;
          this.#spent += keys * each;
          if (keys > 0) yield* this.#window(list, [from, from + keys], hash, open);
          from += keys;
          if (keys === wanted) continue;
          this.#untried.add(search, list, (list.size - from) * open.length);
          isShort = true;
          break;
        }
      }
      if (!isShort) continue;
      const rest = tokens.slice(at).filter((token) => this.#tokens.isOpen(token));
      this.#untried.add(search, list, list.size * rest.length);
      break;
    }
  }

  /** The keys [from, to) of a list on some tokens. */
  *#window(
    list: CandidateList,
    [from, to]: readonly [number, number],
    hash: Sha2,
    tokens: readonly TriedToken[],
  ): Pausing<SecretFound> {
    const blocks = macBlocks(list, [from, to], hash, tokens);
    const isLarge = (to - from) * sum(tokens) >= WORTH;
    const all = isLarge && this.#threads ? this.#threads.map(tasksOf(blocks)) : here(blocks);
    const hits: MacHits = [];
    for (const found of all)
      if (found === undefined) yield;
      else hits.push(...found);
    // Of two keys that verify a token, the first of the list is reported.
    for (const { key, token } of hits.sort((a, b) => a.key - b.key)) {
      const tried = tokens[token]!;
      if (!this.#tokens.isOpen(tried)) continue;
      const found = list.at(key);
      this.#tokens.settle(tried);
      const id = found.key.toString('latin1');
      if (this.#found.has(id)) continue;
      this.#found.add(id);
      yield* this.#settle(found.key, tried);
      yield { ...found, token: tried.token };
    }
  }

  /** Tokens of one service share its key: those that it verifies are settled. */
  *#settle(key: Uint8Array, { group }: TriedToken): Pausing<never> {
    for (const tokens of [() => this.#tokens.openIn(group), () => this.#tokens.open()])
      for (const [hash, own] of this.#settling > 0 ? byHash(tokens()) : []) {
        this.#settling -= sum(own);
        if (this.#settling < 0) return;
        const batch = MacBatch.ofKeys(hash, [key]);
        for (const each of own) {
          if (batch.matching(each.token).length > 0) this.#tokens.settle(each);
          if (this.#pace.isDue(SINGLE)) yield;
        }
      }
  }
}

/** Keys in whole batches, or all of the last one, whose work is within `units`. */
function withinUnits(keys: number, each: number, units: number): number {
  if (keys * each <= units) return keys;
  return BATCH * Math.floor(units / each / BATCH);
}

/** Some keys of a list on some tokens, in blocks of a batch and as many tokens as a task may have. */
function* macBlocks(
  list: CandidateList,
  [from, to]: readonly [number, number],
  hash: Sha2,
  tokens: readonly TriedToken[],
): Generator<MacBlock> {
  for (let firstToken = 0; firstToken < tokens.length; ) {
    // A token has one unit at least.
    const next = tokens.slice(firstToken, firstToken + TASK / BATCH);
    const some = next.slice(0, fitting(BATCH, next, TASK)).map(({ token }) => token);
    for (let firstKey = from; firstKey < to; firstKey += BATCH) {
      const keys = list.keys(firstKey, Math.min(to, firstKey + BATCH));
      yield { hash, keys, tokens: some, firstKey, firstToken };
    }
    firstToken += some.length;
  }
}

function* tasksOf(blocks: Iterable<MacBlock>): Generator<MacTask> {
  for (const block of blocks) yield taskOf(block);
}

function* here(blocks: Iterable<MacBlock>): Pausing<MacHits> {
  for (const block of blocks) {
    yield hitsOf(block);
    yield;
  }
}

/** Tokens of a prefix that some keys can be tried on, at least one. */
function fitting(keys: number, tokens: readonly TriedToken[], units: number): number {
  let spare = units - keys * MIDSTATES;
  let count = 0;
  for (const token of tokens) {
    spare -= keys * token.units;
    if (spare < 0) break;
    count++;
  }
  return Math.max(1, count);
}

function byHash(tokens: readonly TriedToken[]): Map<Sha2, TriedToken[]> {
  const groups = new Map<Sha2, TriedToken[]>();
  for (const token of tokens) {
    const own = groups.get(token.hash);
    if (own) own.push(token);
    else groups.set(token.hash, [token]);
  }
  return groups;
}

/** Limits of the search for keys of tokens, and what each counts. */
const LIMITS = {
  'hmac-keys': 'pairs of a number and a token were not tried',
  'hmac-texts': 'pairs of a text and a token were not tried',
  'hmac-tokens': 'pairs of a token and a text farther from it were not tried (an estimate)',
  'hmac-states': 'pairs of midstates of a hash were not tried',
} as const;

export type PairLimit = keyof typeof LIMITS;

/** Pairs of a possible key and a token that were not tried, as limits of the artifact. */
export class UntriedPairs {
  readonly #skippedWork: SkippedWork;
  readonly #tokens: { size: number };

  constructor(skippedWork: SkippedWork, tokens: { size: number }) {
    this.#skippedWork = skippedWork;
    this.#tokens = tokens;
  }

  add(search: PairLimit, place: { from: number; to: number }, pairs: number): void {
    if (pairs <= 0) return;
    const { from, to } = place;
    this.#skippedWork.add(search, { target: 'blind', left: pairs }, LIMITS[search], from, to);
  }

  /** A candidate that found no room, for each token. */
  candidate(search: PairLimit, offset: number, length: number): void {
    this.add(search, { from: offset, to: offset + length }, this.#tokens.size);
  }
}
