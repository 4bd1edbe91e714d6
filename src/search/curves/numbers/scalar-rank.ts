import { lowerBound } from '../../../core/base/bytes/binary-search.js';
import { FITTED } from '../../../sweep/runs/records.js';
import type { NumberSet } from '../../core/number-set.js';
import type { HeaderFrequency } from './header-frequency.js';
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
