import { FITTED } from '../../../runs/records.js';
import type { NumberSet } from '../../core/number-set.js';
import { LIKELY, SCALAR } from './number-flags.js';
import { FEW } from './scalar-rank.js';

/** Values of the kind of the word before a number (src/runs/kernel/gate.as.ts, `headerKind`). */
const KINDS = 1 << 16;
/** Groups: behind a header of exactly their length, likely numbers, others; in each, one for each kind. */
export const GROUPS = 3 * KINDS;

/** The group of a number by its flags and the kind of the word before it. */
export const groupOf = (flags: number, kind: number): number =>
  (flags & FITTED ? 0 : flags & LIKELY ? KINDS : 2 * KINDS) + kind;

/** Counts numbers by group. */
export class GroupCounts {
  #counts: Uint32Array | undefined;

  /** The places of a set's numbers that may be scalars. */
  static of(set: NumberSet): GroupCounts {
    const counts = new GroupCounts();
    for (let i = 0; i < set.length; i++)
      if (set.flags(i) & (SCALAR | LIKELY)) counts.add(set.flags(i), set.kind(i), set.times(i));
    return counts;
  }

  add(flags: number, kind: number, times = 1): void {
    this.#counts ??= new Uint32Array(GROUPS);
    this.#counts[groupOf(flags, kind)]! += times;
  }

  /** Groups with numbers, the likeliest first: as scalar-rank.ts ranks numbers. */
  ranked(): { group: number; count: number; likely: boolean }[] {
    const counts = this.#counts ?? new Uint32Array(0);
    const groups: { group: number; count: number; likely: boolean; rank: number }[] = [];
    for (let group = 0; group < counts.length; group++) {
      const count = counts[group]!;
      if (count === 0) continue;
      const likely = group < KINDS || (group < 2 * KINDS && count <= FEW);
      const rank = group < KINDS ? 0 : likely ? 1 : group < 2 * KINDS ? 2 : 3;
      groups.push({ group, count, likely, rank });
    }
    return groups.sort((a, b) => a.rank - b.rank || a.count - b.count || a.group - b.group);
  }
}
