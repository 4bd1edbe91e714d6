import type { Limit } from '../model/report.js';
import type { Rule } from '../rules/types.js';
import type { Detected } from './core/types.js';

/** Budget for matches of one rule in one artifact; real dumps have fewer. */
export const MAX_MATCHES = 100_000;
/** Matches that one key counts for: it costs a proof, and memory for its components. */
const KEY_COST = 10;
/**
 * Budget for failed hits of one rule: `first`, plus one for every `bytesEach` bytes before the hit. In 2 GiB
 * of dumps no rule has more than a few thousand.
 */
const FAILED_HITS = { first: 65_536, bytesEach: 256 };

/** Seconds for one further hit: most fail. */
const SECONDS_EACH = 10e-6;

/** The budget of one rule in one artifact. Hits beyond it are counted, not examined. */
export class Quota {
  #left: number;
  #failed = 0;
  #skipped = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(most: number) {
    this.#left = most;
  }

  /** True if a hit at `offset` is over the budget. */
  isSpentAt(offset: number): boolean {
    if (this.#left === Number.POSITIVE_INFINITY) return false;
    return this.#left <= 0 || this.#failed > FAILED_HITS.first + offset / FAILED_HITS.bytesEach;
  }

  addFailed(hits: number): void {
    this.#failed += hits;
  }

  addMatch(detected: Detected): void {
    const isKey = detected.type === 'candidate' && detected.material !== undefined;
    this.#left -= isKey ? KEY_COST : 1;
  }

  skip(offset: number, length: number): void {
    this.#skipped++;
    this.#from = Math.min(this.#from, offset);
    this.#to = Math.max(this.#to, offset + length);
  }

  /** The skipped hits, for `coverage.limits`. */
  *limits(rule: Rule): Iterable<Limit> {
    if (this.#skipped === 0) return;
    const what = this.#left <= 0 ? 'matches' : 'failed hits';
    const skipped = `${this.#skipped} further hits of rule ${rule.id} were counted, not examined`;
    yield {
      offset: this.#from,
      length: this.#to - this.#from,
      search: 'detect',
      target: 'blind',
      left: this.#skipped,
      estimate: this.#skipped * SECONDS_EACH,
      reason: `${skipped}: it has more ${what} than the budget of one artifact`,
    };
  }
}
