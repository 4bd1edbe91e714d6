import { FITTED, type NumberRecord } from '../../../sweep/runs/records.js';
import type { TextRecord } from '../../../sweep/runs/text-records.js';
import {
  DIGIT_ENCODINGS,
  INTEGER_ENCODINGS,
  TEXT_ENCODINGS,
  WORD_ENCODINGS,
} from '../../core/integer-encodings.js';
import { NumberSet } from '../../core/number-set.js';
import type { SearchContext } from '../../core/search-context.js';
import type { SkippedWork } from '../../core/skipped-work.js';
import type { DigitEncoding, JsEngineEncoding, TextEncoding, WordEncoding } from '../../core/types.js';
import type { JsEngineNumber } from './js-engine-digits.js';
import { ARRAY_START, BETWEEN_COPIES, LIKELY, SCALAR } from './number-flags.js';
import { FEW } from './scalar-rank.js';

export const indicesOf = ({ length }: NumberSet): number[] => Array.from({ length }, (_, i) => i);

/** Octets of numbers stored in whole random words. */
const SIZES = [32, 40, 48, 64] as const;

/**
 * Encodings of the numbers kept as little-endian words, by the bytes of those words. P-521 takes nine words.
 */
const ENCODINGS_BY_WIDTH = new Map<number, readonly (WordEncoding | DigitEncoding)[]>([
  ...SIZES.map((size) => [size, DIGIT_ENCODINGS] as const),
  [72, [...WORD_ENCODINGS, ...DIGIT_ENCODINGS]],
]);

/**
 * Octets, in whole words, of numbers decoded from texts (members of JSON Web Keys, hexadecimal digits). The
 * sizes of the other Brainpool curves are left out.
 */
const TEXT_WIDTHS = [32, 48, 72] as const;

/**
 * Numbers of a curve's size that may be a coordinate or a private scalar: at the start of a run, or directly
 * after another such number (src/sweep/runs/kernel/scalars.as.ts).
 */
export class CurveNumbers {
  /** Numbers as stored, by octets; any encoding is possible. */
  readonly bySize: ReadonlyMap<number, NumberSet> = new Map(SIZES.map((size) => [size, new NumberSet(size)]));
  /** In one known encoding and converted to little-endian words, by the bytes of these words. */
  readonly inWords: ReadonlyMap<number, ReadonlyMap<WordEncoding | DigitEncoding, NumberSet>> = new Map(
    [...ENCODINGS_BY_WIDTH].map(([size, readings]) => [
      size,
      new Map(readings.map((reading) => [reading, new NumberSet(size)])),
    ]),
  );
  /** Decoded from texts: big-endian octets in whole words, by their count. */
  readonly texts: Readonly<Record<TextEncoding, ReadonlyMap<number, NumberSet>>> = {
    base64url: new Map(TEXT_WIDTHS.map((size) => [size, new NumberSet(size)])),
    hex: new Map(TEXT_WIDTHS.map((size) => [size, new NumberSet(size)])),
  };
  /** Created on demand: most dumps have no such numbers. */
  readonly #jsEngineSets = new Map<number, Map<JsEngineEncoding, NumberSet>>();
  /** Counts by octets, from the first number that is not kept on. */
  readonly #counts = new Map<number, GroupCounts>();
  readonly #dropped = new Map<NumberSet, { left: number; likely: number; from: number; to: number }>();

  addWhole(record: NumberRecord): void {
    const { size, detail, sum } = record;
    const set = this.bySize.get(size)!;
    if (detail & (SCALAR | LIKELY)) this.#counts.get(size)?.add(detail, sum);
    const isKept = this.#keep(set, record, SCALAR | LIKELY | ARRAY_START | BETWEEN_COPIES | FITTED);
    if (!isKept && !this.#counts.has(size)) {
      this.#counts.set(size, GroupCounts.behind(set));
      if (detail & (SCALAR | LIKELY)) this.#counts.get(size)!.add(detail, sum);
    }
  }

  /**
   * Counts of numbers of a size in {@link bySize} that may be scalars, from the first one on that was not
   * kept.
   */
  countsOf(size: number): GroupCounts {
    return this.#counts.get(size) ?? new GroupCounts();
  }

  /** True if numbers of the set were not kept, because there was no room. */
  overflows(set: NumberSet): boolean {
    return this.#dropped.has(set);
  }

  /** File offset of the first number of the set that was not kept. */
  firstDropped(set: NumberSet): number {
    return this.#dropped.get(set)?.from ?? Number.POSITIVE_INFINITY;
  }

  /** Reports numbers that were not kept. `sweptAgain`: sets whose public halves were compared with all. */
  reportDropped(skippedWork: SkippedWork, sweptAgain: ReadonlySet<NumberSet>): void {
    for (const [set, { left, likely, from, to }] of this.#dropped) {
      const target = sweptAgain.has(set) ? 'blind' : 'any';
      const what = 'numbers of a curve’s size were not kept';
      skippedWork.add('ec-numbers', { target, left, likely }, what, from, to);
    }
    this.#dropped.clear();
  }

  addLong(record: NumberRecord): void {
    const reading = INTEGER_ENCODINGS[(record.detail & ~FITTED) >> 2] as WordEncoding | DigitEncoding;
    this.#keep(this.inWords.get(record.size)!.get(reading)!, record, SCALAR | LIKELY | FITTED);
  }

  /** The capacity of the array stands for the header, so that numbers of equal capacity form one group. */
  readonly addJsEngine = ({ words, size, reading, offset, capacity, ...is }: JsEngineNumber): void => {
    const sets = this.#jsEngineSets.get(size) ?? new Map<JsEngineEncoding, NumberSet>();
    this.#jsEngineSets.set(size, sets);
    const set = sets.get(reading) ?? new NumberSet(size);
    sets.set(reading, set);
    const flags = (is.mayBeScalar ? SCALAR | LIKELY : 0) | (is.fits ? FITTED : 0);
    this.#keep(set, { words, at: 0, offset, detail: flags, sum: capacity }, flags);
  };

  /** Numbers from digits of a JavaScript engine, by the bytes of their words. */
  jsEngineSets(size: number): ReadonlyMap<JsEngineEncoding, NumberSet> {
    return this.#jsEngineSets.get(size) ?? new Map<JsEngineEncoding, NumberSet>();
  }

  /** Adds a number decoded from a text; ignored if no curve has its size. */
  addText({ words, at, width, offset, detail }: TextRecord, reading: TextEncoding): void {
    const set = this.texts[reading].get(width);
    const flags = detail ? SCALAR | LIKELY : SCALAR;
    if (set) this.#keep(set, { words, at, offset, detail: flags, sum: 0 }, SCALAR | LIKELY);
  }

  /** The last number has been added. */
  complete(): void {
    for (const set of this.#all()) set.complete();
  }

  /** Releases the memory of all sets. */
  release(): void {
    for (const set of this.#all()) set.release();
  }

  #all(): NumberSet[] {
    const long = [...this.inWords.values()].flatMap((sets) => [...sets.values()]);
    const texts = TEXT_ENCODINGS.flatMap((reading) => [...this.texts[reading].values()]);
    const engine = [...this.#jsEngineSets.values()].flatMap((sets) => [...sets.values()]);
    return [...this.bySize.values(), ...long, ...texts, ...engine];
  }

  #keep(
    set: NumberSet,
    { words, at, offset, detail, sum }: Pick<NumberRecord, 'words' | 'at' | 'offset' | 'detail' | 'sum'>,
    flags: number,
  ): boolean {
    if (set.addWords(words, at / 4, offset, detail & flags, sum)) return true;
    const dropped = this.#dropped.get(set) ?? { left: 0, likely: 0, from: offset, to: 0 };
    this.#dropped.set(set, dropped);
    dropped.left++;
    if (detail & flags & FITTED) dropped.likely++;
    dropped.from = Math.min(dropped.from, offset);
    dropped.to = Math.max(dropped.to, offset + set.size);
    return false;
  }
}

/** What the searches on curves work with. */
export interface CurveContext extends SearchContext {
  /** Length of the artifact in bytes. */
  length: number;
  numbers: CurveNumbers;
  /** The numbers come from arrays of a managed heap, which holds no numbers of C libraries. */
  managed: boolean;
  /** True if an offset is in the image of a program or library: tables there are no keys. */
  inModule(offset: number): boolean;
}

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
