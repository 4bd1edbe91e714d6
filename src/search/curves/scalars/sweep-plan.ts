import type { LimitTarget } from '../../../core/limits/limit.js';
import type { OffsetRange } from '../../core/run-list.js';
import { GROUPS, type GroupCounts, groupOf } from '../numbers/curve-numbers.js';
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
  /** Octets of a number. */
  size: number;
  /** File offset from which on not all were kept, and how many there are from there on. */
  from: number;
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
  /** Least file offset. */
  from: number;
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
  { shares, flags: needed, near, from }: TrialSelection,
  places: ArrayLike<number>,
  { offset, flags, kind }: { offset: number; flags: number; kind: number },
): number {
  if ((flags & needed) !== needed || offset < from) return 0;
  const share = shares[groupOf(flags, kind)]!;
  return share < near && isNear(places, offset) ? near : share;
}

/** True if a number is among a share: its own bytes decide. */
export const isAmong = (share: number, word: number): boolean =>
  share === ALL || (share > 0 && Math.imul(word, 0x9e3779b1) >>> 24 < share);

/** What a second sweep would need, in microseconds of one core. */
export interface SweepDemand {
  /** For reading the file. */
  reading: number;
  /** For numbers tried against identities of a target, in common or rare encodings. */
  work(target: LimitTarget, likely: boolean, rare: boolean): number;
}

/** Microseconds of one core for reading and sweeping a byte. */
const READING = 2e-3;

/** `bytes`: that are read. */
export function demandOf(entries: readonly SweepEntry[], bytes: number): SweepDemand {
  if (entries.length === 0) return { reading: 0, work: () => 0 };
  const groups = rankedGroups(entries);
  return {
    reading: READING * bytes,
    work: (target, likely, rare) =>
      entries
        .filter((entry) => entry.target === target && entry.rare === rare)
        .reduce((sum, { counts, cost }) => {
          const own = groups.get(counts)!.filter((group) => group.likely === likely);
          return sum + cost * own.reduce((all, { count }) => all + count, 0);
        }, 0),
  };
}

const rankedGroups = (entries: readonly SweepEntry[]) =>
  new Map([...new Set(entries.map(({ counts }) => counts))].map((counts) => [counts, counts.ranked()]));

/**
 * What a second sweep tries from where the numbers of a size were more than are kept. It stores nothing: of
 * each group it tries all numbers, or a share that the budget covers, the likeliest groups first.
 */
export class SweepPlan {
  readonly request: Selections;
  /** File offsets between which numbers are. */
  readonly ranges: readonly OffsetRange[];
  readonly #entries: readonly SweepEntry[];
  readonly #left = new Map<SweepEntry, LeftOfEntry>();

  /** `rooms`: the budgets in microseconds of one core. */
  constructor(
    identities: Identities,
    entries: readonly SweepEntry[],
    places: readonly number[],
    rooms: Rooms,
    ranges: readonly OffsetRange[],
  ) {
    this.#entries = entries;
    this.ranges = ranges;
    const groups = rankedGroups(entries);
    const bytes = bytesNear(places);
    const nearOf = ({ counts, size }: SweepEntry): number =>
      Math.min(
        groups.get(counts)!.reduce((sum, { count }) => sum + count, 0),
        Math.ceil(bytes / size),
      );
    const nearCost = entries.reduce((sum, entry) => sum + nearOf(entry) * entry.cost, 0);
    const near = nearCost > 0 ? Math.min(ALL, Math.floor((ALL * nearRoom(rooms.likely)) / nearCost)) : ALL;
    const selections = entries.map(({ attempt, size, flags, from }) => {
      return { attempt, size, flags, from, near, shares: new Uint8Array(new SharedArrayBuffer(GROUPS)) };
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

  /** True if a number of an entry that is open would be tried. */
  isOpen(): boolean {
    return this.#entries.some((entry, i) => this.#isSelected(i) && entry.isOpen());
  }

  #isSelected(index: number): boolean {
    const { near, shares } = this.request.selections[index]!;
    return (near > 0 && this.request.places.length > 0) || shares.some((share) => share > 0);
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
