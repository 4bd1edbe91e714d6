import type { Limit } from '../model/report.js';
import type { Rule } from '../rules/types.js';
import type { Detected } from './core/types.js';

/** Matches of one rule in one artifact that are examined. No dump has so many; a flood has as many as it likes. */
export const MOST_MATCHES = 100_000;
/** A key counts as so many matches: its parts, its proof and its public half cost time and memory. */
const KEY = 10;
/**
 * Hits of one rule that come to nothing: so many are examined, and one more for so many bytes before them. On 2 GiB of dumps
 * no rule has more than a few thousand; a flood has one for every few bytes.
 */
const IDLE = { first: 65_536, every: 256 };

/** What one rule may still give in one artifact; its hits beyond that are counted and not examined. */
export class Quota {
  #left: number;
  #idle = 0;
  #skipped = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(most: number) {
    this.#left = most;
  }

  /** A hit at `offset` is not examined. */
  spentAt(offset: number): boolean {
    if (this.#left === Number.POSITIVE_INFINITY) return false;
    return this.#left <= 0 || this.#idle > IDLE.first + offset / IDLE.every;
  }

  /** So many hits came to nothing. */
  idle(hits: number): void {
    this.#idle += hits;
  }

  take(detected: Detected): void {
    const isKey = detected.type === 'candidate' && detected.material !== undefined;
    this.#left -= isKey ? KEY : 1;
  }

  skip(offset: number, length: number): void {
    this.#skipped++;
    this.#from = Math.min(this.#from, offset);
    this.#to = Math.max(this.#to, offset + length);
  }

  /** What was skipped, for `coverage.limits`. */
  *limits(rule: Rule): Iterable<Limit> {
    if (this.#skipped === 0) return;
    yield {
      offset: this.#from,
      length: this.#to - this.#from,
      search: 'detect',
      reason: `${this.#skipped} further hits of rule ${rule.id} were counted, not examined: it has more ${this.#left <= 0 ? 'matches' : 'hits that come to nothing'} than are looked at in one artifact`,
    };
  }
}
