import type { Limit } from '../../model/report.js';
import type { LimitName } from '../search.js';

/** The budget of work for a search: its usual one, or infinity where the search is to be complete. */
export type Budget = (usual: number) => number;

/** Work that one search skipped, between two file offsets. */
export interface Skipped {
  from: number;
  to: number;
  count: number;
  what: string;
  /** Reason, if it is not the search's budget. */
  why?: string;
  more?: LeftWork;
}

/** What a limit says besides its place and reason. */
export type LeftWork = Pick<Limit, 'target' | 'left' | 'estimate'>;

/** Sums of both. */
const both = (a: LeftWork = {}, b: LeftWork = {}): LeftWork => ({
  ...a,
  ...b,
  left: (a.left ?? 0) + (b.left ?? 0),
  estimate: (a.estimate ?? 0) + (b.estimate ?? 0),
});

export type SkippedBySearch = ReadonlyMap<LimitName, Skipped>;

/** Work that searches skipped, summed by the limit's name. */
export class SkippedWork {
  readonly #skipped = new Map<LimitName, Skipped>();

  /** `count` items between two file offsets were not tried: the budget is spent, or `why`. */
  add(
    search: LimitName,
    what: string,
    from: number,
    to: number,
    count = 1,
    why?: string,
    more?: LeftWork,
  ): void {
    const known = this.#skipped.get(search);
    this.#skipped.set(search, {
      from: Math.min(known?.from ?? from, from),
      to: Math.max(known?.to ?? to, to),
      count: (known?.count ?? 0) + count,
      what,
      ...(why === undefined ? {} : { why }),
      ...(more || known?.more ? { more: both(known?.more, more) } : {}),
    });
  }

  /** As plain data, for {@link takeOver}. */
  left(): SkippedBySearch {
    return this.#skipped;
  }

  /** Adds what a search in another thread skipped. */
  takeOver(left: SkippedBySearch): void {
    for (const [search, { what, from, to, count, why, more }] of left)
      this.add(search, what, from, to, count, why, more);
  }

  /** In the order of their names. */
  limits(): Limit[] {
    return [...this.#skipped]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([search, { from, to, count, what, why = "the search's budget was spent", more }]) => ({
        offset: from,
        length: to - from,
        search,
        reason: `${count} ${what}: ${why}`,
        ...more,
      }));
  }
}
