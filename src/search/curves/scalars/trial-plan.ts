import type { Pausing } from '../../../core/base/runtime/turns.js';
import {
  IDENTITIES,
  type MemorySize,
  OTHER_IDENTITIES,
  secondsForOthers,
} from '../../../core/limits/costs.js';
import { LIMIT_TARGETS, type LimitTarget } from '../../../core/limits/limit.js';
import type { NumberKernel } from '../../core/kernel.js';
import type { NumberSet } from '../../core/number-set.js';
import type { Scale } from '../../core/skipped-work.js';
import { BLOCK_NUMBERS, BlockMultiples, type Multiplication, type NumberBlock } from './block-multiples.js';
import type { SweepDemand } from './sweep-plan.js';
import { type Identities, ScalarTrial } from './trial.js';

/** Numbers of a set that are tried in one way. */
export interface TrialEntry {
  /** What the search reports it as part of. */
  of: object;
  attempt: Multiplication;
  set: NumberSet;
  /** Indices in the set, the likeliest first: a `likely` number of them are of likely kinds. */
  indices: Uint32Array;
  likely: number;
  /** Few libraries use the encoding: it is tried after the others of the same rank. */
  rare: boolean;
  /** Work for one number, in microseconds of one core. */
  cost: number;
  /** The strongest of what its identities are. */
  target: LimitTarget;
  /** False once all identities of the entry have a private half. */
  isOpen(): boolean;
  /** Takes the indices of a block whose numbers match an identity. */
  take(indices: readonly number[]): void;
}

/** Budgets are in microseconds of one core. */
const MICROSECONDS = 1e6;

/**
 * What is left of the budgets: for all numbers of targets and likely ones of written keys, for likely ones of
 * keys that are not written, and for all others.
 */
export interface Rooms {
  likely: number;
  unwritten: number;
  others: number;
}

const roomsOf = (size: MemorySize, budget: Scale): Rooms => ({
  likely: budget(MICROSECONDS * (IDENTITIES.least + IDENTITIES.perByte * size.length)),
  unwritten: budget(MICROSECONDS * OTHER_IDENTITIES),
  others: budget(MICROSECONDS * secondsForOthers('curves', size)),
});

/** The budget for numbers that are likely or not, as candidates for identities of a target. */
export function roomFor(target: LimitTarget, likely: boolean): keyof Rooms {
  if (target === 'asked') return 'likely';
  if (!likely) return 'others';
  return target === 'written' ? 'likely' : 'unwritten';
}

const NO_SWEEP: SweepDemand = { reading: 0, work: () => 0 };

/** Numbers of an entry that are likely, or that are not. */
const countOf = ({ likely, indices }: TrialEntry, isLikely: boolean): number =>
  isLikely ? likely : indices.length - likely;

/** A range of an entry's indices that the budget covers. */
interface Part {
  entry: TrialEntry;
  from: number;
  to: number;
}

/** Candidates of an entry that the budget does not cover. */
export interface LeftOfEntry {
  entry: Pick<TrialEntry, 'isOpen'>;
  of: object;
  count: number;
  likely: number;
}

/** A block, with the part that it is of. */
export interface PlannedBlock {
  block: NumberBlock;
  entry: TrialEntry;
  indices: Uint32Array;
}

/**
 * What is tried against the identities of an artifact, within its budget: entries in the order of their
 * numbers' ranks, never in file order. The order in which threads finish the blocks has no influence.
 */
export class TrialPlan {
  readonly identities: Identities;
  readonly #parts: Part[] = [];
  readonly #left = new Map<TrialEntry, LeftOfEntry>();
  /** What is left of the budgets, for a second sweep. */
  readonly rooms: Rooms;

  /**
   * `size` of the artifact. `swept`: what a second sweep will need, which gets its share of each budget, and
   * whose reading counts as work for numbers that are not likely.
   */
  constructor(
    identities: Identities,
    entries: readonly TrialEntry[],
    size: MemorySize,
    budget: Scale,
    swept: SweepDemand = NO_SWEEP,
  ) {
    this.identities = identities;
    const rooms = roomsOf(size, budget);
    rooms.others = Math.max(0, rooms.others - swept.reading);
    this.rooms = rooms;
    const reserved: Rooms = { likely: 0, unwritten: 0, others: 0 };
    for (const target of LIMIT_TARGETS)
      for (const likely of [true, false])
        for (const rare of [false, true]) {
          const own = entries.filter((entry) => entry.target === target && entry.rare === rare);
          const room = roomFor(target, likely);
          const needed = own.reduce((sum, entry) => sum + entry.cost * countOf(entry, likely), 0);
          const sweptAgain = swept.work(target, likely, rare);
          const both = needed + sweptAgain;
          const share = both > rooms[room] ? (sweptAgain / both) * rooms[room] : sweptAgain;
          rooms[room] -= share;
          reserved[room] += share;
          for (const entry of own) rooms[room] -= this.#plan(entry, likely, rooms[room]);
        }
    for (const room of ['likely', 'unwritten', 'others'] as const) rooms[room] += reserved[room];
  }

  /** Plans the likely numbers of an entry, or the others; returns their work. */
  #plan(entry: TrialEntry, likely: boolean, room: number): number {
    const [from, end] = likely ? [0, entry.likely] : [entry.likely, entry.indices.length];
    const to = Math.min(end, from + Math.max(0, Math.floor(room / entry.cost)));
    if (to > from) this.#parts.push({ entry, from, to });
    if (to < end) {
      const left = this.#left.get(entry) ?? { entry, of: entry.of, count: 0, likely: 0 };
      this.#left.set(entry, left);
      left.count += end - to;
      if (likely) left.likely += end - to;
    }
    return (to - from) * entry.cost;
  }

  /** Tries all of it in this thread. */
  *run(kernel: NumberKernel): Pausing<never> {
    const multiples = new BlockMultiples(kernel);
    const trial = new ScalarTrial(() => multiples, this.identities);
    for (const planned of this.blocks()) {
      this.take(planned, trial.matches(planned.block));
      yield;
    }
  }

  /** The blocks, in order. Those of entries that are no longer open are left out. */
  *blocks(): Generator<PlannedBlock> {
    for (const { entry, from, to } of this.#parts)
      for (let at = from; at < to && entry.isOpen(); at += BLOCK_NUMBERS) {
        const { attempt, set } = entry;
        const indices = entry.indices.subarray(at, Math.min(to, at + BLOCK_NUMBERS));
        yield { entry, indices, block: { attempt, size: set.size, numbers: set.inOrder(indices) } };
      }
  }

  /** Takes the matches of a block; to be called in the order of the blocks. */
  take({ entry, indices }: PlannedBlock, matches: Uint32Array): void {
    if (matches.length > 0 && entry.isOpen()) entry.take(Array.from(matches, (match) => indices[match]!));
  }

  /** Leaves everything, because the trial was stopped. */
  abandon(): void {
    for (const { entry, from, to } of this.#parts.splice(0)) {
      const left = this.#left.get(entry) ?? { entry, of: entry.of, count: 0, likely: 0 };
      this.#left.set(entry, left);
      left.count += to - from;
      left.likely += Math.max(0, Math.min(to, entry.likely) - from);
    }
  }

  /** What was left out because the budget was spent, if it is still wanted. */
  left(): LeftOfEntry[] {
    return [...this.#left.values()].filter(({ entry }) => entry.isOpen());
  }
}
