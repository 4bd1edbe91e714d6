import { type Limit, limitOf } from '../core/limits/limit.js';
import type { Scale } from '../core/model/effort.js';
import type { Extent } from '../core/model/report.js';
import type { Rule } from '../rules/types.js';
import type { Detected } from './core/types.js';

/** Budget for matches of one rule in one artifact; real dumps have fewer. */
const MAX_MATCHES = 100_000;
/** Matches that one key counts for: it costs a proof, and memory for its components. */
const KEY_COST = 10;
/**
 * Budget for failed hits of one rule: `first`, plus one for every `bytesEach` bytes before the hit. In 2 GiB
 * of dumps no rule has more than a few thousand.
 */
const FAILED_HITS = { first: 65_536, bytesEach: 256 };

/** Hits that are counted, and the range that they lie in. */
class Counted {
  count = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  add(offset: number, length: number): void {
    this.count++;
    this.#from = Math.min(this.#from, offset);
    this.#to = Math.max(this.#to, offset + length);
  }

  get extent(): Extent {
    return { offset: this.#from, length: this.#to - this.#from };
  }
}

/** The budget of one rule in one artifact. Hits beyond it are counted, not examined. */
export class RuleBudget {
  #left: number;
  #failed = 0;
  readonly #failedHits: typeof FAILED_HITS;
  readonly #skipped = new Counted();
  readonly #shortened = new Counted();

  constructor(budget: Scale, most = budget(MAX_MATCHES)) {
    this.#left = most;
    const first = budget(FAILED_HITS.first);
    this.#failedHits = { first, bytesEach: (FAILED_HITS.bytesEach * FAILED_HITS.first) / first };
  }

  /** True if a hit at `offset` is over the budget. */
  isSpentAt(offset: number): boolean {
    if (this.#left === Number.POSITIVE_INFINITY) return false;
    return this.#left <= 0 || this.#failed > this.#failedHits.first + offset / this.#failedHits.bytesEach;
  }

  addFailed(hits: number): void {
    this.#failed += hits;
  }

  addMatch(detected: Detected): void {
    const isKey = detected.type === 'candidate' && detected.material !== undefined;
    this.#left -= isKey ? KEY_COST : 1;
  }

  skip(offset: number, length: number): void {
    this.#skipped.add(offset, length);
  }

  /** A hit around which less was read than its detector's reach, and no whole object found. */
  shorten(offset: number, length: number): void {
    this.#shortened.add(offset, length);
  }

  /** The skipped hits, for `coverage.limits`. */
  *skippedHits({ id }: Pick<Rule, 'id'>): Iterable<Limit> {
    const { count: left, extent } = this.#skipped;
    if (left === 0) return;
    const what = this.#left <= 0 ? 'matches' : 'failed hits';
    const skipped = `${left} further hits of rule ${id} were counted, not examined`;
    yield limitOf(
      'detect',
      { left },
      extent,
      `${skipped}: it has more ${what} than the budget of one artifact`,
    );
  }

  *shortenedHits({ id }: Rule): Iterable<Limit> {
    const { count: left, extent } = this.#shortened;
    if (left === 0) return;
    const hits = `${left} hits of rule ${id}`;
    const reason = `around ${hits} only the next characters were read: too many hits there`;
    yield limitOf('jwk-reach', { left }, extent, reason);
  }
}
