import type { Limit } from '../limits/limit.js';
import { limitOf } from '../limits/other-limits.js';

/**
 * Places listed beyond the cap of a finding, because each file that holds it is to be named: a budget of the
 * whole scan, since a hundred thousand files can hold a thousand secrets each.
 */
export class PlaceBudget {
  #left: number;
  /** By artifact, places that are counted and not listed although no other place names the artifact. */
  readonly #unlisted = new Map<number, number>();

  constructor(places: number) {
    this.#left = places;
  }

  /** Returns false if the budget is spent: the artifact then has a limit. */
  take(artifact: number): boolean {
    if (this.#left > 0) {
      this.#left--;
      return true;
    }
    this.#unlisted.set(artifact, (this.#unlisted.get(artifact) ?? 0) + 1);
    return false;
  }

  limits(artifact: number): Limit[] {
    const unlisted = this.#unlisted.get(artifact);
    if (unlisted === undefined) return [];
    const reason =
      `${unlisted} places here are counted but not listed: ` +
      'the secrets lie in more files than a report lists places of';
    return [limitOf('occurrences', { left: unlisted }, { offset: 0, length: 0 }, reason)];
  }
}
