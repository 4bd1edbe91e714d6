import { MULTIPLE } from '../../../core/limits/costs.js';
import type { LimitTarget } from '../../../core/limits/limit.js';
import { NumberSet } from '../../core/number-set.js';
import { WordTable, type WordTableColumns } from '../../core/word-table.js';
import type { CurveContext } from '../numbers/curve-numbers.js';
import { ARRAY_START } from '../numbers/number-flags.js';
import type { RankedScalars } from '../numbers/scalar-rank.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import type { ScalarEncoding } from '../points/multiples.js';
import { type Point, type Points, targetsOf } from '../points/points.js';
import { scalarCost, UNTRIED } from './scalar-choice.js';
import type { Source } from './scalar-sources.js';
import type { SweepEntry } from './sweep-plan.js';
import type { LeftOfEntry, TrialEntry } from './trial-plan.js';

/** Encodings in which few libraries keep a private key in memory. */
const RARE_READINGS: ReadonlySet<ScalarEncoding> = new Set(['int32-msw', 'mont-le']);
/** Share of the numbers at which an array of integers begins, as its work is estimated. */
const ARRAY_SHARE = 0.25;

/** Numbers of a source that were not multiplied on a curve, although some of its points are not solved. */
export type OpenSource = RankedScalars & { curve: KernelCurve; known: Points; source: Source };

interface Parts {
  context: CurveContext;
  isSolved(curve: KernelCurve, point: Point): boolean;
  /** True for a point of the process itself, whose coordinates are bare numbers. */
  isComputed(point: Point): boolean;
  multiply(curve: KernelCurve, source: Source, chosen: readonly number[]): void;
}

/** What remains to be tried on the curves when the likeliest numbers are multiplied. */
export class ScalarTrials {
  readonly #parts: Parts;
  readonly #open: OpenSource[] = [];
  /** Points that are not solved, and others: those at the end leave when they are looked at. */
  readonly #rests = new Map<Points, Point[]>();
  readonly #targets = new Map<Points, LimitTarget>();
  /** Matching numbers of a second sweep. */
  readonly #swept = new Map<OpenSource, NumberSet>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(open: OpenSource): void {
    this.#open.push(open);
  }

  /** The lowest words of the x of unsolved points, by the name of their curve. */
  points(): Map<string, WordTableColumns> {
    return new Map(this.#eachCurve().map((open) => [open.curve.domain.name, tableOf(this.#unsolved(open))]));
  }

  /** File offsets of unsolved points, ascending. */
  places(): number[] {
    return placesOf(this.#eachCurve().flatMap((open) => this.#unsolved(open)));
  }

  /** One source of each curve. */
  #eachCurve(): OpenSource[] {
    return [...new Map(this.#open.map((open) => [open.known, open])).values()];
  }

  /** Kept numbers to be tried. */
  entries(): TrialEntry[] {
    return this.#open.flatMap((open) =>
      open.source.readings.map((reading) => {
        const { set } = open.source;
        const read = isArray(open, reading) ? arrayStarts(open) : open;
        return {
          ...this.#entryOf(open, reading),
          ...{ set, indices: read.indices, likely: read.likely },
          cost: costOf(open),
          take: (indices: readonly number[]) => this.#take(open, open.source, reading, indices),
        };
      }),
    );
  }

  /** Sizes of which not all numbers are kept, if their points are written as keys or asked for. */
  sweepEntries(): SweepEntry[] {
    return this.#open
      .filter((open) => this.#isSwept(open))
      .flatMap((open) =>
        open.source.readings.map((reading) => {
          const isIntegers = isArray(open, reading);
          return {
            ...this.#entryOf(open, reading),
            size: open.source.set.size,
            counts: this.#parts.context.numbers.countsOf(open.source.set.size),
            cost: costOf(open) * (isIntegers ? ARRAY_SHARE : 1),
            flags: isIntegers ? ARRAY_START : 0,
            from: this.#parts.context.numbers.firstDropped(open.source.set),
            take: (swept) => {
              const set = this.#swept.get(open) ?? new NumberSet(open.source.set.size);
              this.#swept.set(open, set);
              this.#take(open, { ...open.source, set }, reading, set.addAll(swept));
            },
          };
        }),
      );
  }

  #entryOf(open: OpenSource, reading: ScalarEncoding) {
    const { curve, source } = open;
    return {
      of: open,
      attempt: { curve: curve.domain.name, stored: source.stored, reading },
      target: this.#targetOf(open),
      rare: RARE_READINGS.has(reading),
      isOpen: () => this.#isOpen(open),
    };
  }

  /** Called for each block: an artifact may have a hundred thousand points. */
  #isOpen(open: OpenSource): boolean {
    const { curve, known } = open;
    const rest = this.#rests.get(known) ?? this.#unsolved(open);
    this.#rests.set(known, rest);
    while (rest.length > 0 && this.#parts.isSolved(curve, rest.at(-1)!)) rest.pop();
    return rest.length > 0;
  }

  /** All at once: a call of the kernel takes up to 0.1 s, even for one number. */
  #take({ curve }: OpenSource, source: Source, reading: ScalarEncoding, indices: readonly number[]): void {
    this.#parts.multiply(curve, { ...source, readings: [reading], arrays: false }, indices);
  }

  #isSwept(open: OpenSource): boolean {
    const { numbers } = this.#parts.context;
    const { stored, set } = open.source;
    return stored === 'memory' && numbers.overflows(set) && this.#targetOf(open) !== 'blind';
  }

  /** The strongest of its unsolved points. */
  #targetOf(open: OpenSource): LimitTarget {
    const { known } = open;
    const target = this.#targets.get(known) ?? targetsOf(this.#unsolved(open))[0] ?? 'blind';
    this.#targets.set(known, target);
    return target;
  }

  #unsolved({ curve, known }: OpenSource): Point[] {
    return [...known.values()].filter((point) => !this.#parts.isSolved(curve, point));
  }

  /**
   * Reports the numbers that the trials left out: of each plan, as many as it left in the encoding that it
   * left most of.
   */
  report(plans: readonly (readonly Omit<LeftOfEntry, 'entry'>[])[]): void {
    for (const open of this.#open) {
      const byPlan = plans.map((left) => left.filter(({ of }) => of === open));
      const own = byPlan.flat();
      if (own.length === 0) continue;
      const sumOfMost = (count: (left: Omit<LeftOfEntry, 'entry'>) => number): number =>
        byPlan.reduce((sum, left) => sum + Math.max(0, ...left.map(count)), 0);
      const { from, to } = open.source.set.extent;
      const unsolved = this.#unsolved(open);
      const targets: readonly LimitTarget[] = targetsOf(unsolved);
      const counts = {
        left: sumOfMost(({ count }) => count),
        likely: sumOfMost(({ likely }) => likely),
      };
      for (const target of targets) {
        const { likely, ...others } = counts;
        const isOwn = target !== 'blind' || unsolved.some(this.#parts.isComputed);
        const own = isOwn ? { ...others, likely } : others;
        this.#parts.context.skippedWork.add('ec-scalars', { target, ...own }, UNTRIED, from, to);
      }
    }
  }
}

const costOf = ({ curve }: OpenSource): number => MULTIPLE * 1e6 * scalarCost(curve.domain);

const isArray = ({ source }: OpenSource, reading: ScalarEncoding): boolean =>
  source.arrays === true && reading === 'int32-msw';

/** File offsets of the points, ascending. */
export const placesOf = (points: readonly Point[]): number[] =>
  points.flatMap(({ places = [], shown = [] }) => [...places, ...shown]).sort((a, b) => a - b);

/** The lowest words of their x. */
function tableOf(points: readonly Point[]): WordTableColumns {
  const table = WordTable.forWords(points.length);
  for (const { x } of points) table.add(Number(x & 0xffff_ffffn), Number((x >> 32n) & 0xffff_ffffn));
  return table.columns;
}

/** Numbers at which an array of 32-bit integers begins. */
function arrayStarts({ source: { set }, indices, likely }: OpenSource): RankedScalars {
  const isStart = (i: number) => (set.flags(i) & ARRAY_START) !== 0;
  return { indices: indices.filter(isStart), likely: indices.subarray(0, likely).filter(isStart).length };
}
