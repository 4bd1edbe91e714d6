import type { Limit } from '../../model/report.js';

/** A budget of work, or infinity where the search has none. */
export type Budget = (usual: number) => number;

/** How much one search left out, between two file offsets. */
export interface Left {
  from: number;
  to: number;
  count: number;
  what: string;
  /** Why, where it is not for the search's budget. */
  why?: string;
}

/** Searches that stopped before the end: each with the range of what it left out and how much that was. */
export class SkippedWork {
  readonly #left = new Map<string, Left>();

  /** `count` numbers between two file offsets were not tried, for want of budget or for the reason `why`. */
  add(search: string, what: string, from: number, to: number, count = 1, why?: string): void {
    const known = this.#left.get(search);
    this.#left.set(search, {
      from: Math.min(known?.from ?? from, from),
      to: Math.max(known?.to ?? to, to),
      count: (known?.count ?? 0) + count,
      what,
      ...(why === undefined ? {} : { why }),
    });
  }

  /** As plain data, for {@link takeOver}. */
  left(): ReadonlyMap<string, Left> {
    return this.#left;
  }

  /** What a search in another thread did not come to. */
  takeOver(left: ReadonlyMap<string, Left>): void {
    for (const [search, { what, from, to, count, why }] of left) this.add(search, what, from, to, count, why);
  }

  /** In the order of the searches' names. */
  limits(): Limit[] {
    return [...this.#left]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([search, { from, to, count, what, why = "the search's budget was spent" }]) => ({
        offset: from,
        length: to - from,
        search,
        reason: `${count} ${what}: ${why}`,
      }));
  }
}
