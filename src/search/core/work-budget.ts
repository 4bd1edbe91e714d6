import type { LimitTarget } from '../../core/limits/limit.js';
import type { LimitName } from '../../core/limits/searches.js';
import type { SkippedWork } from './skipped-work.js';

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
  /** Their work, if it is more than the cost that the budget does not cover. */
  work?: number;
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
      this.refuse(cost, candidates);
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
    const each = (costOf(items.length) - cost) / (items.length - tried);
    for (const item of items.slice(tried)) this.refuse(each, candidatesOf(item));
    return items.slice(0, tried);
  }

  /** Reports candidates that are left out before the budget is spent. `cost`: of all of them. */
  refuse(
    cost: number,
    { search, what, targets, count, from, to, likely = 0, work = cost }: CandidateCount,
  ): void {
    for (const target of targets) {
      const own = target === 'blind' ? 0 : likely;
      this.#skipped.add(search, { target, left: count, work, likely: own }, what, from, to);
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
