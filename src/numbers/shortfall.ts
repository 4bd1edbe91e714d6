import type { Limit } from '../model.js';

/** A budget of work, or infinity where the search has none. */
export type Budget = (usual: number) => number;

/** Searches that stopped before the end: each with the range of what it left out and how much that was. */
export class Shortfall {
  readonly #left = new Map<string, { from: number; to: number; count: number; what: string }>();

  /** `count` numbers between two file offsets were not tried. */
  add(search: string, what: string, from: number, to: number, count = 1): void {
    const known = this.#left.get(search);
    this.#left.set(search, {
      from: Math.min(known?.from ?? from, from),
      to: Math.max(known?.to ?? to, to),
      count: (known?.count ?? 0) + count,
      what,
    });
  }

  limits(): Limit[] {
    return [...this.#left].map(([search, { from, to, count, what }]) => ({
      offset: from,
      length: to - from,
      search,
      reason: `${count} ${what}: the search's budget was spent`,
    }));
  }
}
