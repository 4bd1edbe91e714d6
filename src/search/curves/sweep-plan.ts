import { GROUPS, type GroupCounts, groupOf } from './number-groups.js';
import { isNear } from './scalar-rank.js';
import type { Attempt, Identities } from './trial.js';
import type { LeftOfEntry } from './trial-plan.js';

/** Shares are in 255ths of a group's numbers. */
const ALL = 255;

/** A way in which the numbers of one size are tried as they are swept once more. */
export interface SweepEntry {
  /** As in TrialEntry. */
  of: object;
  attempt: Attempt;
  /** Octets of a number, and how many there are in the artifact. */
  size: number;
  counts: GroupCounts;
  /** As in TrialEntry. */
  rare: boolean;
  cost: number;
  /** Flags that a number must have. */
  flags: number;
  isOpen(): boolean;
  /** Takes numbers that match an identity. */
  take(swept: SweptNumber): void;
}

/** A number of the second sweep that matches an identity. */
export interface SweptNumber {
  number: Uint8Array;
  offset: number;
  flags: number;
}

/** Numbers of one size that are tried in one way: plain data for any thread. */
export interface Selection {
  attempt: Attempt;
  size: number;
  /** Flags that a number must have. */
  flags: number;
  /** By group, the share of its numbers, in shared memory. */
  shares: Uint8Array;
}

/** What all tasks of a second sweep have in common: plain data. */
export interface Selections {
  identities: Identities;
  /** File offsets of the public halves, ascending: numbers near one are always tried. */
  places: readonly number[];
  selections: readonly Selection[];
}

/** True if a number is among the share of its group that is tried: its own bytes decide. */
export function isSelected(
  { shares, flags: needed }: Selection,
  places: readonly number[],
  { offset, flags, kind, word }: { offset: number; flags: number; kind: number; word: number },
): boolean {
  if ((flags & needed) !== needed) return false;
  const share = shares[groupOf(flags, kind)]!;
  return share === ALL || (share > 0 && Math.imul(word, 0x9e3779b1) >>> 24 < share) || isNear(places, offset);
}

/**
 * What a second sweep tries where the numbers of a size were more than are kept. It stores nothing: of each
 * group it tries all numbers, or a share that the budget covers, the likeliest groups first.
 */
export class SweepPlan {
  readonly request: Selections;
  readonly #entries: readonly SweepEntry[];
  readonly #left: LeftOfEntry[] = [];

  /** `room`: the budget in microseconds of one core. */
  constructor(
    identities: Identities,
    entries: readonly SweepEntry[],
    places: readonly number[],
    room: number,
  ) {
    this.#entries = entries;
    const selections = entries.map(({ attempt, size, flags }) => {
      return { attempt, size, flags, shares: new Uint8Array(new SharedArrayBuffer(GROUPS)) };
    });
    this.request = { identities, places, selections };
    let left = room;
    const groups = new Map(
      [...new Set(entries.map(({ counts }) => counts))].map((counts) => [counts, counts.ranked()]),
    );
    for (const likely of [true, false])
      for (const rare of [false, true])
        for (const [counts, ranked] of groups) {
          const own = entries.flatMap((entry, i) =>
            entry.counts === counts && entry.rare === rare ? [i] : [],
          );
          const cost = own.reduce((sum, i) => sum + entries[i]!.cost, 0);
          if (cost === 0) continue;
          for (const { group, count } of ranked.filter((each) => each.likely === likely)) {
            const share = Math.max(0, Math.min(ALL, Math.floor((ALL * left) / (count * cost))));
            left -= (share / ALL) * count * cost;
            for (const i of own) selections[i]!.shares[group] = share;
            const untried = Math.ceil(count * (1 - share / ALL));
            if (untried > 0) for (const i of own) this.#leave(entries[i]!, untried, likely);
          }
        }
  }

  #leave(entry: SweepEntry, count: number, likely: boolean): void {
    const known = this.#left.find((each) => each.entry === entry) ?? {
      entry,
      of: entry.of,
      count: 0,
      likely: 0,
    };
    if (!this.#left.includes(known)) this.#left.push(known);
    known.count += count;
    if (likely) known.likely += count;
  }

  /** Leaves everything, because the sweep was stopped. */
  abandon(): void {
    this.#left.length = 0;
    for (const entry of this.#entries)
      for (const { count, likely } of entry.counts.ranked()) this.#leave(entry, count, likely);
  }

  isOpen(): boolean {
    return this.#entries.some((entry) => entry.isOpen());
  }

  /** Takes matches of a task, each with the index of its selection; in the order of the tasks. */
  take(matches: readonly (SweptNumber & { selection: number })[]): void {
    // Once a task: a dump may have ten thousand public keys, all of which this looks up.
    const open = this.#entries.map((entry) => entry.isOpen());
    for (const { selection, ...swept } of matches) if (open[selection]) this.#entries[selection]!.take(swept);
  }

  /** What was left out because the budget was spent, if it is still wanted. */
  left(): readonly LeftOfEntry[] {
    return this.#left.filter(({ entry }) => entry.isOpen());
  }
}
