import { lowerBound } from '../../../core/base/bytes/binary-search.js';
import { FITTED } from '../../../sweep/runs/records.js';
import type { NumberSet } from '../../core/number-set.js';
import { BETWEEN_COPIES, LIKELY, SCALAR } from './number-flags.js';

/** Bytes around a public half in which its private half is likely: a page. */
export const NEAR = 4096;
/** Numbers behind one header up to which they are few. */
export const FEW = 64;
/** Larger than any index of a set, and than any size of a header group. */
const RADIX = 2 ** 20;

/** Ranks of candidates, the likeliest first. */
const RANK = { near: 0, fitted: 1, fewAlike: 2, likely: 3, other: 4 } as const;

/** The numbers of a set that may be scalars in the order in which they are tried. */
export interface RankedScalars {
  indices: Uint32Array;
  /**
   * How many are of likely kinds: near a public half, in an object of exactly their length, or behind a
   * header that few numbers share.
   */
  likely: number;
}

/**
 * Ranks the numbers of a set that may be scalars, except those `tried`. `places`: file offsets of the public
 * halves, ascending. Within a rank, small header groups come first.
 */
export function rankScalars(
  set: NumberSet,
  tried: Iterable<number>,
  headerFrequency: HeaderFrequency,
  places: readonly number[],
): RankedScalars {
  const isTried = new Uint8Array(set.length);
  for (const i of tried) isTried[i] = 1;
  const sizes = headerFrequency.groupSizes(set);
  const keys = new Float64Array(set.length);
  let count = 0;
  let likely = 0;
  for (let i = 0; i < set.length; i++) {
    if (isTried[i] === 1 || (set.flags(i) & (SCALAR | LIKELY)) === 0) continue;
    const rank = rankOf(set, i, sizes[i]!, places);
    if (rank <= RANK.fewAlike) likely++;
    keys[count++] = (rank * RADIX + Math.min(sizes[i]!, RADIX - 1)) * RADIX + i;
  }
  const ranked = keys.subarray(0, count).sort();
  return { indices: Uint32Array.from(ranked, (key) => key % RADIX), likely };
}

function rankOf(set: NumberSet, i: number, alike: number, places: readonly number[]): number {
  const flags = set.flags(i);
  if (flags & BETWEEN_COPIES || isNear(places, set.offset(i)) || isNear(places, set.last(i)))
    return RANK.near;
  if (flags & FITTED) return RANK.fitted;
  if (flags & LIKELY) return alike <= FEW ? RANK.fewAlike : RANK.likely;
  return RANK.other;
}

/** True if a place is within a page of the offset. `places` are ascending. */
export function isNear(places: ArrayLike<number>, offset: number): boolean {
  const next = lowerBound(places, offset - NEAR);
  return next < places.length && places[next]! <= offset + NEAR;
}

/** Groups: one for each kind of word before a number (16 bits), of which 0 is none. */
const KINDS = 1 << 16;
/** The group of numbers in images of programs and libraries, which hold tables of thousands of numbers. */
const IN_MODULE = KINDS;

/**
 * Counts numbers by the word before them: the size of a chunk, or the length of an array or an integer.
 * Tables of points are tens of thousands of integers behind the same word; private keys are few, so small
 * groups are tried first.
 */
export class HeaderFrequency {
  readonly #inModule: (offset: number) => boolean;
  /** Sizes by set and by the count of the numbers that were counted. */
  readonly #cache = new Map<NumberSet, Map<number, Uint32Array>>();

  constructor(inModule: (offset: number) => boolean) {
    this.#inModule = inModule;
  }

  /**
   * Group size of each number, by its index in the set, which must be complete. A number has the smaller
   * group of its first and its last occurrence. `among`: ascending indices of the numbers to count; the
   * others have size 0.
   */
  groupSizes(set: NumberSet, among?: readonly number[]): Uint32Array {
    const count = among?.length ?? set.length;
    const known = this.#cache.get(set) ?? new Map<number, Uint32Array>();
    this.#cache.set(set, known);
    const sizes = known.get(count) ?? this.#count(set, count, among);
    known.set(count, sizes);
    return sizes;
  }

  #count(set: NumberSet, count: number, among?: readonly number[]): Uint32Array {
    const [firsts, lasts] = [new Uint32Array(count), new Uint32Array(count)];
    const counts = new Uint32Array(KINDS + 1);
    for (let k = 0; k < count; k++) {
      const i = among === undefined ? k : among[k]!;
      const [offset, kind, last, lastKind] = [set.offset(i), set.kind(i), set.last(i), set.lastKind(i)];
      const first = this.#groupOf(offset, kind);
      firsts[k] = first;
      counts[first]!++;
      lasts[k] = last === offset && lastKind === kind ? first : this.#groupOf(last, lastKind);
      if (lasts[k] !== first) counts[lasts[k]!]!++;
    }
    const sizes = new Uint32Array(set.length);
    for (let k = 0; k < count; k++)
      sizes[among === undefined ? k : among[k]!] = Math.min(counts[firsts[k]!]!, counts[lasts[k]!]!);
    return sizes;
  }

  #groupOf(offset: number, kind: number): number {
    return this.#inModule(offset) ? IN_MODULE : kind;
  }
}
