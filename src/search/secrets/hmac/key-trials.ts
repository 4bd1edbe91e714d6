import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import { HMAC_BLOCK, type MemorySize, secondsForOthers } from '../../../core/limits/costs.js';
import type { MacThreads } from '../../core/mac-threads.js';
import type { SearchContext } from '../../core/search-context.js';
import type { Scale } from '../../core/skipped-work.js';
import { CandidateList } from './candidate-list.js';
import type { HmacSecret } from './hmac-secret.js';
import { type PairLimit, PairTrials, type SecretFound, type UntriedPairs } from './pair-trials.js';
import type { SecretNumbers } from './secret-numbers.js';
import type { SecretTexts, TextSource } from './secret-texts.js';
import { RANKS, TEXT, TEXTS_REACH, textsNear } from './texts-near-tokens.js';
import type { TokenSet } from './token-set.js';

/** Work of all trials, in blocks of SHA-256: about 3 s. */
const BUDGET = 32_000_000;
/** Greatest shares of the budget, of candidates that a name or the place of a token shows. */
const SHARES = { named: 1 / 3, assigned: 1 / 8, near: 1 / 4, around: 1 / 16 };
/**
 * The same of the work for all others, which is in proportion to memory. What a step leaves is there for the
 * next ones; the last, of texts found by their header alone, has all that is left.
 */
const OTHERS = { numbers: 1 / 3, random: 1 / 3, words: 1 };

/** Candidates of a list; those of texts take some 70 bytes each. */
const MOST: Readonly<Record<TextSource | 'numbers' | 'around' | 'near', number>> = {
  named: 1 << 17,
  assigned: 1 << 15,
  random: 1 << 18,
  words: 1 << 17,
  numbers: 1 << 19,
  around: 1 << 15,
  near: 1 << 16,
};

/** Bytes around tokens that are read for texts, in total, and the least around each. */
const NEAR_BYTES = 24 << 20;
const LEAST_REACH = 512;
/** Bytes read at a time, and after them, for texts that begin among them. */
const BLOCK = 32 << 10;
const AFTER = 512;
/** Candidates that are listed between two pauses. */
const PACE = 256;
/** Bytes of memory with one text, for an estimate of what was not read. */
const BYTES_OF_TEXT = 64;

export interface TrialSources {
  numbers: SecretNumbers;
  texts: SecretTexts;
  most: Pick<SecretBudgets, 'units'>;
  /** Without them all trials are on this thread. */
  threads: MacThreads | undefined;
}

/**
 * Symmetric keys that verify a token of the dump: texts near tokens on those; values of names such as
 * `JWT_SECRET` on every token; all numbers and texts on one token of each group, and on more in the order of
 * the set. Each step has a share of the budget that no earlier one takes. The artifact is read once more only
 * if the key of a token is still not known.
 */
export function* secretsOf(
  tokens: TokenSet,
  { numbers, texts, most, threads }: TrialSources,
  untried: UntriedPairs,
  { bytes, budget }: SearchContext,
): Pausing<SecretFound> {
  const trials = new PairTrials(tokens, untried, budget, BUDGET, threads);
  const share = (of: keyof typeof SHARES) => budget(BUDGET * SHARES[of]);
  const lists = new Lists(tokens, trials, untried, budget);
  let others = most.units;
  function* inOthers(of: keyof typeof OTHERS): Pausing<SecretFound> {
    const before = trials.spent;
    yield* lists.tryAll(of, Math.min(others, most.units * OTHERS[of]));
    others -= trials.spent - before;
  }

  yield* nearTokens(tokens, trials, lists, untried, { bytes, budget, units: share('near') });
  if (tokens.size === 0) return;
  for (const candidate of numbers.numbers()) yield* lists.add('numbers', candidate);
  yield* inOthers('numbers');
  lists.release('numbers');
  // Reads the artifact once more.
  if (tokens.size === 0) return;
  for (const found of texts.texts((source) => lists.hasRoom(source)))
    if (found === undefined) yield;
    else yield* lists.add(found.source, found.candidate);
  yield* lists.tryAll('named', share('named'));
  yield* lists.tryAll('assigned', share('assigned'));
  yield* lists.tryAll('around', share('around'));
  yield* inOthers('random');
  yield* inOthers('words');
}

type ListName = Exclude<keyof typeof MOST, 'near'>;

/** Candidates by source, without parts of tokens. */
class Lists {
  readonly #tokens: TokenSet;
  readonly #trials: PairTrials;
  readonly #untried: UntriedPairs;
  readonly #lists = new Map<ListName, CandidateList>();
  /** A full list is tried and emptied: there is no budget. */
  readonly #empties: boolean;
  readonly #pace = new Pace(PACE);

  constructor(tokens: TokenSet, trials: PairTrials, untried: UntriedPairs, budget: SearchContext['budget']) {
    this.#tokens = tokens;
    this.#trials = trials;
    this.#untried = untried;
    this.#empties = budget(0) > 0;
  }

  *add(name: ListName, candidate: HmacSecret): Pausing<SecretFound> {
    if (this.#pace.isDue()) yield;
    const { offset, length } = candidate;
    if (this.#tokens.places.covers(offset, length) || this.#list(name).add(candidate)) return;
    if (!this.#empties) {
      this.#untried.candidate(limitOf(name), offset, length);
      return;
    }
    yield* this.tryAll(name);
    this.#list(name).clear();
    this.#list(name).add(candidate);
  }

  /** False if the list is full and not tried before all candidates are known. */
  hasRoom(name: ListName): boolean {
    return this.#empties || this.#list(name).size < MOST[name];
  }

  /** Every candidate on every open token, within at most `units` of the budget. */
  *tryAll(name: ListName, units?: number): Pausing<SecretFound> {
    yield* this.#trials.product(this.#list(name), limitOf(name), this.#tokens.open(), units);
  }

  /** Zeroes and drops the candidates of a list. */
  release(name: ListName): void {
    this.#lists.get(name)?.release();
    this.#lists.delete(name);
  }

  #list(name: ListName): CandidateList {
    const list = this.#lists.get(name) ?? new CandidateList(MOST[name]);
    this.#lists.set(name, list);
    return list;
  }
}

const limitOf = (name: ListName): PairLimit => (name === 'numbers' ? 'hmac-keys' : 'hmac-texts');

interface NearContext extends Pick<SearchContext, 'bytes' | 'budget'> {
  units: number;
}

/**
 * Texts near tokens on the tokens near them. Each token has an equal share of the work, and of the bytes
 * around that are read; shares that were not used are there for the tokens behind.
 */
function* nearTokens(
  tokens: TokenSet,
  trials: PairTrials,
  lists: Lists,
  untried: UntriedPairs,
  { bytes, budget, units }: NearContext,
): Pausing<SecretFound> {
  const reach = reachWithin(tokens, budget(NEAR_BYTES));
  const before = trials.spent;
  const ranks = RANKS.map(() => new CandidateList(MOST.near));
  let [handled, first, last] = [0, -1, 0];
  for (const { from, to } of tokens.places.stretches(reach))
    for (let start = from; start < to; start += BLOCK) {
      if (first < 0) first = start;
      last = Math.min(to, start + BLOCK);
      yield;
      const near = tokens.near(start - reach, last + reach);
      if (near.length === 0) continue;
      const room = bytes.read(start, last - start + AFTER);
      for (const text of textsNear(room, start, tokens.places, last - start))
        if (text.offset < last && !tokens.places.covers(text.offset, text.length))
          ranks[text.rank]!.addStored(text);
      for (const text of mayBeKeysElsewhere(ranks[0]!)) yield* lists.add('around', text);
      handled += tokens.places.countIn(start, last);
      for (const list of ranks) {
        const allowed = units * (handled / tokens.places.count) - (trials.spent - before);
        yield* trials.product(list, 'hmac-texts', near, allowed);
        list.clear();
      }
    }
  for (const list of ranks) list.release();
  if (reach === TEXTS_REACH || last === 0) return;
  const unread = bytesNear(tokens, TEXTS_REACH) - bytesNear(tokens, reach);
  const pairs = Math.floor(unread / BYTES_OF_TEXT);
  untried.add('hmac-tokens', { from: first, to: last }, pairs);
}

const bytesNear = (tokens: TokenSet, reach: number): number => {
  let bytes = 0;
  for (const { from, to } of tokens.places.stretches(reach)) bytes += to - from;
  return bytes;
};

/** The greatest reach, down to the least, with which at most `most` bytes are read. */
function reachWithin(tokens: TokenSet, most: number): number {
  let reach = TEXTS_REACH;
  while (reach > LEAST_REACH && bytesNear(tokens, reach) > most) reach /= 2;
  return reach;
}

/** The longer ones of the likeliest texts may be keys of tokens elsewhere. */
function* mayBeKeysElsewhere(texts: CandidateList): Generator<HmacSecret> {
  for (let i = 0; i < texts.size; i++) {
    const text = texts.at(i);
    if (text.length >= TEXT.least) yield text;
  }
}

/** Bounds on the search for secrets that neither a name nor the place of a token shows. */
interface SecretBudgets {
  /** Numbers that are kept, and runs that are looked at for them. */
  numbers: number;
  runs: number;
  /** Work of trials, in blocks of SHA-256. */
  units: number;
}

/** Numbers of any file, which those of a small one do not reach. */
const LEAST_NUMBERS = 1 << 17;
/** Numbers a second: they are taken out of their runs, compared, and tried on a token. */
const NUMBERS_EACH = 1 << 18;
/** Runs for a number: most have none. */
const RUNS_EACH = 4;
/** Least work of trials: that of 100,000 texts on a token. */
const LEAST_UNITS = 2_000_000;

/** In proportion to memory: a quarter of the work for numbers that are not likely. */
export function secretBudgets(size: MemorySize, budget: Scale): SecretBudgets {
  const seconds = secondsForOthers('hmac', size);
  const numbers = budget(Math.max(LEAST_NUMBERS, seconds * NUMBERS_EACH));
  const units = budget(Math.max(LEAST_UNITS, seconds / HMAC_BLOCK));
  return { numbers, runs: RUNS_EACH * numbers, units };
}
