import { lowerBound } from '../../base/bytes/binary-search.js';
import { NumberSet } from '../core/number-set.js';
import type { SearchContext } from '../core/search-context.js';
import type { Point } from './points.js';

/** Bytes on either side of a coordinate: an allocator without headers (jemalloc, in pages for each size) puts there what was made at one time. */
const NEAR = 1 << 14;
/** Points that are looked around, and numbers that are tried for all of them, those of 256 bits: a table of points would have any number. */
const MOST_POINTS = 16;
const MOST_NUMBERS = 2048;
/** Where an artifact has so many numbers of the size, its points are those of files rather than a program's own: the part of them that is tried. */
const CROWD = 1 << 15;
const CROWDED = 4;
/** The most that are kept where there is no budget: of a crafted dump all words may be such. */
const MOST_KEPT = 1 << 17;
/** Words of runs: longer ones are compressed data. */
const LONGEST = 96;

interface Places extends SearchContext {
  inModule(offset: number): boolean;
}

interface Near {
  offset: number;
  distance: number;
}

/**
 * Numbers as long as those of a set at any word of the runs around points that have no key: what no header and no zero tells apart from the freed numbers on either side of
 * it. The nearest first. It goes beyond what is looked at everywhere, so that nothing is told of what its budget leaves, but of what is left without one.
 */
export function numbersNear(
  points: Iterable<Point>,
  { size, length: count }: NumberSet,
  from: Places,
): NumberSet {
  const set = new NumberSet(size);
  const places = placesOf(points, from);
  if (places.length === 0) return set;
  const looksRandom = from.kernel.extractor.gate(size);
  const most = count > CROWD ? MOST_NUMBERS / CROWDED : MOST_NUMBERS;
  const wanted = from.budget(Math.floor(most * (32 / size) ** 2));
  const found = new Nearest(Math.min(wanted, MOST_KEPT));
  const runs = [...from.runs.ofWords(size / 8, LONGEST)].filter(
    ({ offset }) => distance(places, offset) <= NEAR,
  );
  for (const run of runs)
    for (const piece of from.bytes.pieces(run))
      for (let at = 0; at + size <= piece.words * 8; at += 8)
        if (looksRandom(piece.at + at)) {
          const offset = piece.offset + at;
          found.add({ offset, distance: distance(places, offset) });
        }
  for (const { offset } of found.all()) set.add(from.bytes.read(offset, size), 0, offset, 0);
  if (wanted > MOST_KEPT && found.left > 0) {
    const [first, last] = [runs[0]!, runs.at(-1)!];
    const to = last.offset + last.words * 8;
    from.shortfall.add('ec-scalars', 'numbers around points were not tried', first.offset, to, found.left);
  }
  return set;
}

/** The `most` nearest of all that are added, in memory for twice as many. */
class Nearest {
  /** So many were added and are none of them. */
  left = 0;
  readonly #most: number;
  #kept: Near[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(near: Near): void {
    this.#kept.push(near);
    if (this.#kept.length >= 2 * this.#most) this.all();
  }

  /** The nearest first. */
  all(): readonly Near[] {
    this.#kept.sort((a, b) => a.distance - b.distance);
    this.left += Math.max(0, this.#kept.length - this.#most);
    this.#kept = this.#kept.slice(0, this.#most);
    return this.#kept;
  }
}

/** Where coordinates stand, ascending; those of points that are written as keys first, where there are many. */
function placesOf(points: Iterable<Point>, { inModule, budget }: Places): number[] {
  const ordered = [...points].sort((a, b) => Number(b.written) - Number(a.written));
  const own = ordered.map(({ places = [] }) => places.filter((place) => !inModule(place)));
  const chosen = own.filter((places) => places.length > 0).slice(0, budget(MOST_POINTS));
  return chosen.flat().sort((a, b) => a - b);
}

/** To the nearest place. */
function distance(places: readonly number[], offset: number): number {
  const next = lowerBound(places, offset);
  return Math.min(
    offset - (places[next - 1] ?? Number.NEGATIVE_INFINITY),
    (places[next] ?? Number.POSITIVE_INFINITY) - offset,
  );
}
