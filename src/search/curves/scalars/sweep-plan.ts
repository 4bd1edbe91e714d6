import type { LimitTarget } from '../../../limits/limit.js';
import { GROUPS, type GroupCounts, groupOf } from '../numbers/number-groups.js';
import { isNear, NEAR } from '../numbers/scalar-rank.js';
import type { Multiplication } from './block-multiples.js';
import type { Identities } from './trial.js';
import { type LeftOfEntry, type Rooms, roomFor } from './trial-plan.js';

/** Shares are in 255ths of a group's numbers. */
export const ALL = 255;

/** Least budget, in microseconds of one core, for numbers near public halves: some hundred of these. */
const NEAR_ROOM = 2e6;

/** A way in which the numbers of one size are tried as they are swept once more. */
export interface SweepEntry {
  /** Key of the entry, as in TrialEntry. */
  of: object;
  attempt: Multiplication;
  /** Octets of a number, and how many there are in the artifact. */
  size: number;
  counts: GroupCounts;
  /** Target, and rareness of the encoding, as in TrialEntry. */
  target: LimitTarget;
  rare: boolean;
  cost: number;
  /** Flags that a number must have. */
  flags: number;
  isOpen(): boolean;
  /** Takes the numbers of a task that match an identity. */
  take(swept: readonly SweptNumber[]): void;
}

/** A number of the second sweep that matches an identity. */
export interface SweptNumber {
  number: Uint8Array;
  offset: number;
  flags: number;
}

/** Numbers of one size that are tried in one way: plain data for any thread. */
export interface TrialSelection {
  attempt: Multiplication;
  size: number;
  /** Flags that a number must have. */
  flags: number;
  /** Share of each group's numbers, in shared memory. */
  shares: Uint8Array;
  /** The share of numbers near a public half, of whatever group. */
  near: number;
}

/** What all tasks of a second sweep have in common: plain data. */
export interface Selections {
  identities: Identities;
  /** File offsets of the public halves, ascending. */
  places: ArrayLike<number>;
  selections: readonly TrialSelection[];
}

/** The share in which a number is tried: of its group, or of those near a public half if that is larger. */
export function shareOf(
  { shares, flags: needed, near }: TrialSelection,
  places: ArrayLike<number>,
  { offset, flags, kind }: { offset: number; flags: number; kind: number },
): number {
  if ((flags & needed) !== needed) return 0;
  const share = shares[groupOf(flags, kind)]!;
  return share < near && isNear(places, offset) ? near : share;
}

/** True if a number is among a share: its own bytes decide. */
export const isAmong = (share: number, word: number): boolean =>
  share === ALL || (share > 0 && Math.imul(word, 0x9e3779b1) >>> 24 < share);

/**
 * What a second sweep tries where the numbers of a size were more than are kept. It stores nothing: of each
 * group it tries all numbers, or a share that the budget covers, the likeliest groups first.
 */
export class SweepPlan {
  readonly request: Selections;
  readonly #entries: readonly SweepEntry[];
  readonly #left = new Map<SweepEntry, LeftOfEntry>();

  /** `rooms`: the budgets in microseconds of one core. */
  constructor(
    identities: Identities,
    entries: readonly SweepEntry[],
    places: readonly number[],
    rooms: Rooms,
  ) {
    this.#entries = entries;
    const groups = new Map(
      [...new Set(entries.map(({ counts }) => counts))].map((counts) => [counts, counts.ranked()]),
    );
    const bytes = bytesNear(places);
    const nearOf = ({ counts, size }: SweepEntry): number =>
      Math.min(
        groups.get(counts)!.reduce((sum, { count }) => sum + count, 0),
        Math.ceil(bytes / size),
      );
    const nearCost = entries.reduce((sum, entry) => sum + nearOf(entry) * entry.cost, 0);
    const near = nearCost > 0 ? Math.min(ALL, Math.floor((ALL * nearRoom(rooms.likely)) / nearCost)) : ALL;
    const selections = entries.map(({ attempt, size, flags }) => {
      return { attempt, size, flags, near, shares: new Uint8Array(new SharedArrayBuffer(GROUPS)) };
    });
    this.request = { identities, places: sharedPlaces(places), selections };
    const left: Rooms = { ...rooms, likely: rooms.likely - (nearCost * near) / ALL };
    for (const likely of [true, false])
      for (const rare of [false, true])
        for (const [counts, ranked] of groups) {
          const own = entries.flatMap((entry, i) =>
            entry.counts === counts && entry.rare === rare ? [i] : [],
          );
          const cost = own.reduce((sum, i) => sum + entries[i]!.cost, 0);
          if (cost === 0) continue;
          const isAsked = own.some((i) => entries[i]!.target === 'asked');
          const room = roomFor(isAsked ? 'asked' : 'written', likely);
          for (const { group, count } of ranked.filter((each) => each.likely === likely)) {
            const share = Math.max(0, Math.min(ALL, Math.floor((ALL * left[room]) / (count * cost))));
            left[room] -= (share / ALL) * count * cost;
            for (const i of own) selections[i]!.shares[group] = share;
            const untried = Math.ceil(count * (1 - share / ALL));
            if (untried > 0) for (const i of own) this.#leave(entries[i]!, untried, likely);
          }
        }
    for (const [entry, each] of this.#left)
      each.likely = Math.min(each.count, each.likely + Math.ceil(nearOf(entry) * (1 - near / ALL)));
  }

  #leave(entry: SweepEntry, count: number, likely: boolean): void {
    const known = this.#left.get(entry) ?? { entry, of: entry.of, count: 0, likely: 0 };
    this.#left.set(entry, known);
    known.count += count;
    if (likely) known.likely += count;
  }

  /** Leaves everything, because the sweep was stopped. */
  abandon(): void {
    this.#left.clear();
    for (const entry of this.#entries)
      for (const { count, likely } of entry.counts.ranked()) this.#leave(entry, count, likely);
  }

  isOpen(): boolean {
    return this.#entries.some((entry) => entry.isOpen());
  }

  /** Takes matches of a task, each with the index of its selection; in the order of the tasks. */
  take(matches: readonly (SweptNumber & { selection: number })[]): void {
    for (const [i, entry] of this.#entries.entries()) {
      const own = matches.filter(({ selection }) => selection === i);
      if (own.length > 0 && entry.isOpen()) entry.take(own);
    }
  }

  /** What was left out because the budget was spent, if it is still wanted. */
  left(): readonly LeftOfEntry[] {
    return [...this.#left.values()].filter(({ entry }) => entry.isOpen());
  }
}

/** A flood of public keys puts every number near one: these numbers get half of the budget at most. */
const nearRoom = (room: number): number => Math.max(NEAR_ROOM, room / 2);

/** Bytes of the file near a place. `places` are ascending. */
function bytesNear(places: readonly number[]): number {
  let bytes = 0;
  let end = 0;
  for (const place of places) {
    bytes += place + NEAR - Math.max(end, place - NEAR);
    end = place + NEAR;
  }
  return bytes;
}

function sharedPlaces(places: readonly number[]): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(places.length * Float64Array.BYTES_PER_ELEMENT));
  shared.set(places);
  return shared;
}
