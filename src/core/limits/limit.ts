import type { Extent } from '../base/bytes/extent.js';
import { OTHER_LIMITS, type OtherLimitName, type OtherLimitRow } from './other-limits.js';
import type { LimitName } from './searches.js';

/**
 * What a bounded search looked for: a `--find` target, the private half of a public key or certificate of the
 * dump, or keys of which nothing is known (and secrets of other people's tokens).
 */
export const LIMIT_TARGETS = ['asked', 'written', 'blind'] as const;
export type LimitTarget = (typeof LIMIT_TARGETS)[number];

/** A bounded search that ran out of its budget over a range. */
export interface Limit extends Extent {
  /** A name of one of two tables: limits/other-limits.ts and limits/searches.ts. */
  search: LimitName | OtherLimitName;
  reason: string;
  target: LimitTarget;
  /** Candidates that were not tried. */
  left: number;
  /**
   * Of `left`, candidates of a likely kind for a public half of the artifact that is no authority's: in an
   * object of their own, adjacent to the public half, or behind a rare header. Absent if there are none.
   */
  likely?: number;
  /**
   * `--effort deep` searches them. Absent where it leaves them out too: for lack of memory, after an abort,
   * or beyond what a report lists.
   */
  deep?: true;
  /** Its exit status was taken back by `--accept-limits`. */
  accepted?: true;
}

interface LeftOut {
  left: number;
  target?: LimitTarget;
}

/** A limit outside of the searches. Between `from` and `to`, `left` items were left out. */
export function limitOf(
  search: OtherLimitName,
  { left, target = 'blind' }: LeftOut,
  { offset, length }: Pick<Limit, 'offset' | 'length'>,
  reason: string,
): Limit {
  const [, bound]: OtherLimitRow = OTHER_LIMITS[search];
  return {
    offset,
    length,
    search,
    target,
    left,
    ...(bound === 'work' ? { deep: true as const } : {}),
    reason,
  };
}
