import { LIMIT_TARGETS, type Limit, type LimitTarget } from '../../core/limits/limit.js';
import { isLifted, type LimitName } from '../../core/limits/searches.js';
import { type Foreign, isForeign } from './foreign.js';
import type { SearchedPublicKey } from './types.js';

export { budgetOf, type Scale } from '../../core/model/effort.js';

/** Candidates that a search did not try. */
export interface SkippedCandidates {
  /**
   * What the candidates were for. `any`: dropped before the identities of the artifact were known, so for
   * each target that it turns out to have.
   */
  target: LimitTarget | 'any';
  /** Candidates that were not tried. */
  left: number;
  /**
   * Of `left`, candidates of a likely kind: in an object of their own, adjacent to the public half, or behind
   * a rare header. None for foreign keys.
   */
  likely?: number;
}

/** Work that one search skipped for one target, between two file offsets: plain data for any thread. */
export interface SkippedNumbers extends Required<SkippedCandidates> {
  search: LimitName;
  from: number;
  to: number;
  what: string;
  /** Reason, if it is not the search's budget. */
  why?: string;
}

/**
 * Searches whose likely candidates count also where no public half is written: numbers in an object of
 * exactly their length, which were not compared with the points and keys among themselves.
 */
const LIKELY_BLIND: ReadonlySet<LimitName> = new Set(['ec-numbers', 'ec-scalars', 'ed25519-seeds']);

const isLikely = (search: LimitName, target: SkippedNumbers['target']): boolean =>
  target === 'written' || (target === 'blind' && LIKELY_BLIND.has(search));

/** Candidates that were dropped one by one, as the sweep delivered them. */
export class SkippedCounter {
  left = 0;
  from = Number.POSITIVE_INFINITY;
  to = 0;

  add(from: number, to: number): void {
    this.left++;
    if (from < this.from) this.from = from;
    if (to > this.to) this.to = to;
  }
}

/** Work that searches skipped, summed by the limit's name and target. */
export class SkippedWork {
  readonly #skipped = new Map<LimitName, Map<SkippedNumbers['target'], SkippedNumbers>>();
  readonly #counters: { counter: SkippedCounter; search: LimitName; what: string; likely: boolean }[] = [];

  /**
   * For candidates dropped before the identities of the artifact are known: memory may be full of them.
   * `likely`: they were not ranked, so each may be likely.
   */
  counter(search: LimitName, what: string, likely = false): SkippedCounter {
    const counter = new SkippedCounter();
    this.#counters.push({ counter, search, what, likely });
    return counter;
  }

  /** `what` was not tried between two file offsets: the budget is spent, or `why`. */
  add(
    search: LimitName,
    { target, left, likely = 0 }: SkippedCandidates,
    what: string,
    from: number,
    to: number,
    why?: string,
  ): void {
    if (left <= 0) return;
    const targets = this.#skipped.get(search) ?? new Map<SkippedNumbers['target'], SkippedNumbers>();
    this.#skipped.set(search, targets);
    const known = targets.get(target);
    if (known === undefined) {
      targets.set(target, { search, target, left, likely, what, from, to, ...(why ? { why } : {}) });
      return;
    }
    known.from = Math.min(known.from, from);
    known.to = Math.max(known.to, to);
    known.left += left;
    known.likely += likely;
    known.what = what;
    if (why) known.why = why;
  }

  /** For {@link takeOver}. */
  all(): SkippedNumbers[] {
    for (const { counter, search, what, likely } of this.#counters) {
      const { left, from, to } = counter;
      this.add(search, { target: 'any', left, likely: likely ? left : 0 }, what, from, to);
      counter.left = 0;
    }
    return [...this.#skipped.values()].flatMap((targets) => [...targets.values()]);
  }

  /** Adds what a search in another thread skipped. */
  takeOver(all: readonly SkippedNumbers[]): void {
    for (const { search, what, from, to, why, ...left } of all) this.add(search, left, what, from, to, why);
  }

  /** By name, then by target. `targetsOf`: the targets that a search with candidates for `any` has. */
  limits(targetsOf: (search: LimitName) => readonly LimitTarget[] = () => ['blind']): Limit[] {
    const resolved = new SkippedWork();
    for (const { search, target, what, from, to, why, ...left } of this.all())
      for (const each of target === 'any' ? targetsOf(search) : [target])
        resolved.add(
          search,
          { ...left, target: each, likely: isLikely(search, each) ? left.likely : 0 },
          what,
          from,
          to,
          why,
        );
    return resolved
      .all()
      .sort((a, b) => (a.search === b.search ? rank(a) - rank(b) : a.search < b.search ? -1 : 1))
      .map(limitOf);
  }
}

/** What a search for the private half of a public key is for: that of a foreign one is rarely in the dump. */
export const targetOfKey = ({
  isTarget = false,
  foreign,
}: Pick<SearchedPublicKey, 'isTarget'> & { foreign?: Foreign | readonly Foreign[] }): LimitTarget =>
  isTarget ? 'asked' : isForeign(foreign) ? 'blind' : 'written';

/** Each target once, in the order of importance. */
export function distinctTargets(targets: Iterable<LimitTarget>): LimitTarget[] {
  const all = new Set(targets);
  return LIMIT_TARGETS.filter((target) => all.has(target));
}

const rank = ({ target }: SkippedNumbers): number => LIMIT_TARGETS.indexOf(target as LimitTarget);

function limitOf({
  search,
  target,
  left,
  likely,
  what,
  from,
  to,
  why = "the search's budget was spent",
}: SkippedNumbers): Limit {
  return {
    offset: from,
    length: to - from,
    search,
    target: target as LimitTarget,
    left,
    ...(likely > 0 ? { likely } : {}),
    ...(isLifted(search) ? { deep: true } : {}),
    reason: `${left} ${what}: ${why}`,
  };
}

/** Candidates that a budget may not cover: what is reported if it does not. */
export interface CandidateCount {
  search: LimitName;
  what: string;
  targets: readonly LimitTarget[];
  /** How many there are, and the file offsets that they lie between. */
  count: number;
  from: number;
  to: number;
  /** How many of them are of a likely kind (skipped-work.ts). */
  likely?: number;
}

/**
 * A budget of work, in products of two 64-bit words (2 to 3 ns each) unless its search says otherwise:
 * results do not depend on a clock. What it refuses is reported, so that no search can leave it out silently.
 */
export class WorkBudget {
  #left: number;
  readonly #skipped: SkippedWork;

  constructor(most: number, skipped: SkippedWork) {
    this.#left = most;
    this.#skipped = skipped;
  }

  /** False, with nothing spent and the candidates reported, if less than `cost` and `reserve` is left. */
  spend(cost: number, candidates: CandidateCount, reserve = 0): boolean {
    if (cost + reserve > this.#left) {
      this.refuse(candidates);
      return false;
    }
    this.#left -= cost;
    return true;
  }

  /**
   * The first items that the budget covers: all, half, a quarter and so on. The rest is reported, each item
   * as `candidatesOf` describes it.
   */
  cover<T>(
    items: readonly T[],
    costOf: (count: number) => number,
    candidatesOf: (item: T) => CandidateCount,
  ): readonly T[] {
    let tried = items.length;
    while (tried > 0 && costOf(tried) > this.#left) tried >>>= 1;
    const cost = tried > 0 ? costOf(tried) : 0;
    this.#left -= cost;
    if (tried === items.length) return items;
    for (const item of items.slice(tried)) this.refuse(candidatesOf(item));
    return items.slice(0, tried);
  }

  /** Reports candidates that are left out before the budget is spent. */
  refuse({ search, what, targets, count, from, to, likely = 0 }: CandidateCount): void {
    for (const target of targets) {
      const own = target === 'blind' ? 0 : likely;
      this.#skipped.add(search, { target, left: count, likely: own }, what, from, to);
    }
  }

  get isUnlimited(): boolean {
    return this.#left === Number.POSITIVE_INFINITY;
  }

  /** Half of what is left. */
  get half(): number {
    return this.isUnlimited ? 0 : this.#left / 2;
  }
}
