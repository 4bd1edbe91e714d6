import { lowerBound } from '../../../core/base/bytes/binary-search.js';
import { NumberSet } from '../../core/number-set.js';
import type { SearchContext } from '../../core/search-context.js';
import type { CurveContext } from '../numbers/curve-numbers.js';
import { type Point, targetsOf, writtenFirst } from '../points/points.js';

/**
 * Bytes on either side of a coordinate. An allocator without headers (jemalloc with its size classes) places
 * what is allocated at one time there.
 */
const MAX_DISTANCE = 1 << 14;
/**
 * Points searched around, and numbers of 256 bits tried for all of them: the first points, then the others,
 * as those of a table that a library has computed. A larger table would yield any number.
 */
const GROUPS = [
  { points: 16, numbers: 6144 },
  { points: 1024, numbers: 18_432 },
] as const;
/**
 * Above this many numbers of a size, points are mostly those of files and not of the program; the budget is
 * then divided by REDUCTION.
 */
const MANY_NUMBERS = 1 << 15;
const REDUCTION = 4;
/** Bound without a budget: a crafted dump could consist of such words. */
const MAX_KEPT = 1 << 17;
/** Longest run, in words: longer ones are compressed data. */
const MAX_RUN_WORDS = 96;

type NearContext = SearchContext & Pick<CurveContext, 'inModule'>;

interface Near {
  offset: number;
  distance: number;
}

/**
 * Random-looking numbers at any word of the runs around points without a known key, nearest first. Without a
 * header or zeros they cannot be distinguished from freed numbers on either side. This goes beyond the
 * regular search and has a limit of its own.
 */
export function numbersNear(
  points: readonly Point[],
  { size, length: count }: NumberSet,
  from: NearContext,
): NumberSet {
  const set = new NumberSet(size);
  const placed = placedPoints(points, from);
  const looksRandom = from.kernel.extractor.randomnessTest(size);
  const share = (32 / size) ** 2 / (count > MANY_NUMBERS ? REDUCTION : 1);
  const seen = new Set<number>();
  let [dropped, first, tried] = [0, 0, 0];
  let [begin, end] = [Number.POSITIVE_INFINITY, 0];
  for (const group of GROUPS) {
    const last = first + from.budget(group.points);
    const places = placed
      .slice(first, last)
      .flat()
      .sort((a, b) => a - b);
    if (places.length === 0) break;
    const found = new Nearest(
      Math.min(from.budget(Math.floor(group.numbers * share)), MAX_KEPT - set.length),
    );
    for (const run of from.runs.ofWords(size / 8, MAX_RUN_WORDS)) {
      if (distance(places, run.offset) > MAX_DISTANCE) continue;
      begin = Math.min(begin, run.offset);
      end = Math.max(end, run.offset + run.words * 8);
      for (const piece of from.bytes.pieces(run))
        for (let at = 0; at + size <= piece.words * 8; at += 8) {
          const offset = piece.offset + at;
          if (!seen.has(offset) && looksRandom(piece.at + at))
            found.add({ offset, distance: distance(places, offset) });
        }
    }
    for (const { offset } of found.all()) {
      seen.add(offset);
      set.add(from.bytes.read(offset, size), 0, offset, 0);
    }
    dropped += found.dropped;
    tried = Math.min(placed.length, last);
    first = last;
  }
  // Numbers around the points that were left out are not counted: about as many as around the others.
  const left = dropped + Math.ceil(((placed.length - tried) * (dropped + set.length)) / Math.max(1, tried));
  if (left > 0) {
    const what = 'numbers around points were not tried';
    for (const target of targetsOf(points))
      from.skippedWork.add('ec-scalars near points', { target, left }, what, begin, end);
  }
  return set;
}

/** The `most` nearest of the added numbers; holds at most twice as many. */
class Nearest {
  /** Numbers added and dropped. */
  dropped = 0;
  readonly #most: number;
  #kept: Near[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(near: Near): void {
    this.#kept.push(near);
    if (this.#kept.length >= 2 * this.#most) this.all();
  }

  /** Nearest first. */
  all(): readonly Near[] {
    this.#kept.sort((a, b) => a.distance - b.distance);
    this.dropped += Math.max(0, this.#kept.length - this.#most);
    this.#kept = this.#kept.slice(0, this.#most);
    return this.#kept;
  }
}

/** Offsets of the coordinates of each point, those of points written as keys first. */
function placedPoints(points: Iterable<Point>, { inModule }: NearContext): number[][] {
  return writtenFirst(points)
    .map(({ places = [] }) => places.filter((place) => !inModule(place)))
    .filter((places) => places.length > 0);
}

/** Distance to the nearest place. */
function distance(places: readonly number[], offset: number): number {
  const next = lowerBound(places, offset);
  return Math.min(
    offset - (places[next - 1] ?? Number.NEGATIVE_INFINITY),
    (places[next] ?? Number.POSITIVE_INFINITY) - offset,
  );
}
