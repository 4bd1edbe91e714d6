import type { Kernel } from './kernel.js';
import { NumberSet } from './number-set.js';
import type { Point } from './points.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Budget } from './shortfall.js';

/** Bytes on either side of a coordinate: an allocator without headers (jemalloc, in pages for each size) puts there what was made at one time. */
const NEAR = 1 << 14;
/** Points that are looked around, and numbers that are tried for all of them, those of 256 bits: a table of points would have any number. */
const MOST_POINTS = 16;
const MOST_NUMBERS = 2048;
/** Words of runs: longer ones are compressed data. */
const LONGEST = 96;

interface Places {
  kernel: Kernel;
  bytes: RunBytes;
  runs: RunList;
  inModule(offset: number): boolean;
  budget: Budget;
}

/**
 * Numbers of `size` bytes at any word of the runs around points that have no key: what no header and no zero tells apart from the freed numbers on either side of
 * it. The nearest first. It goes beyond what is looked at everywhere, so that nothing is told of the rest.
 */
export function numbersNear(points: Iterable<Point>, size: number, from: Places): NumberSet {
  const set = new NumberSet(size);
  const places = placesOf(points, from);
  if (places.length === 0) return set;
  const looksRandom = from.kernel.extractor.gate(size);
  const found: { offset: number; distance: number }[] = [];
  const runs = [...from.runs.ofWords(size / 8, LONGEST)].filter(
    ({ offset }) => distance(places, offset) <= NEAR,
  );
  for (const run of runs)
    for (const piece of from.bytes.pieces(run))
      for (let at = 0; at + size <= piece.words * 8; at += 8)
        if (looksRandom(piece.at + at)) {
          const offset = piece.offset + at;
          found.push({ offset, distance: distance(places, offset) });
        }
  found.sort((a, b) => a.distance - b.distance);
  const most = from.budget(Math.floor(MOST_NUMBERS * (32 / size) ** 2));
  for (const { offset } of found.slice(0, most)) set.add(from.bytes.read(offset, size), 0, offset, 0);
  return set;
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
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return Math.min(
    offset - (places[low - 1] ?? Number.NEGATIVE_INFINITY),
    (places[low] ?? Number.POSITIVE_INFINITY) - offset,
  );
}
