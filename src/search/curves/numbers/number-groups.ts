import { FITTED } from '../../../sweep/runs/records.js';
import type { NumberSet } from '../../core/number-set.js';
import { LIKELY, SCALAR } from './number-flags.js';
import { FEW } from './scalar-rank.js';

/** Values of the kind of the word before a number (src/sweep/runs/kernel/gate.as.ts, `headerKind`). */
const KINDS = 1 << 16;
/** Groups: behind a header of exactly their length, likely numbers, others; in each, one for each kind. */
export const GROUPS = 3 * KINDS;

/** The group of a number by its flags and the kind of the word before it. */
export const groupOf = (flags: number, kind: number): number =>
  (flags & FITTED ? 0 : flags & LIKELY ? KINDS : 2 * KINDS) + kind;

/**
 * Counts the places of numbers by group. The places of kept numbers decide only how rare a group is: these
 * numbers are tried from memory.
 */
export class GroupCounts {
  #all: Uint32Array | undefined;
  readonly #kept = new Map<number, number>();

  /** Begins with the places of a set's numbers that may be scalars. */
  static behind(set: NumberSet): GroupCounts {
    const counts = new GroupCounts();
    for (let i = 0; i < set.length; i++)
      if (set.flags(i) & (SCALAR | LIKELY)) counts.#addKept(set.flags(i), set.kind(i), set.times(i));
    return counts;
  }

  add(flags: number, kind: number, times = 1): void {
    this.#all ??= new Uint32Array(GROUPS);
    this.#all[groupOf(flags, kind)]! += times;
  }

  #addKept(flags: number, kind: number, times: number): void {
    this.add(flags, kind, times);
    const group = groupOf(flags, kind);
    this.#kept.set(group, (this.#kept.get(group) ?? 0) + times);
  }

  /**
   * Groups with numbers that were added, and how many, the likeliest first: as scalar-rank.ts ranks numbers.
   */
  ranked(): { group: number; count: number; likely: boolean }[] {
    const counts = this.#all ?? new Uint32Array(0);
    const groups: { group: number; count: number; likely: boolean; rank: number; alike: number }[] = [];
    for (let group = 0; group < counts.length; group++) {
      const alike = counts[group]!;
      const count = alike === 0 ? 0 : alike - (this.#kept.get(group) ?? 0);
      if (count === 0) continue;
      const likely = group < KINDS || (group < 2 * KINDS && alike <= FEW);
      const rank = group < KINDS ? 0 : likely ? 1 : group < 2 * KINDS ? 2 : 3;
      groups.push({ group, count, likely, rank, alike });
    }
    return groups.sort((a, b) => a.rank - b.rank || a.alike - b.alike || a.group - b.group);
  }
}
