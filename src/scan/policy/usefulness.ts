import type { Occurrence, Region } from '../../core/model/report.js';
import { byPlace } from './by-place.js';

/** What the usefulness of a place depends on. Not its region's name, which a heap dump completes later. */
type Described = Pick<Occurrence, 'component' | 'partial' | 'notAdjacentInMemory' | 'region'>;

/** Regions that name an owner: a variable, a command line, a class and field, a module, a thread. */
const OWNED: ReadonlySet<Region['kind']> = new Set(['environment', 'argv', 'object', 'module', 'register']);

function ownerRank({ kind, thread }: Region): number {
  if (OWNED.has(kind) || (kind === 'stack' && thread !== undefined)) return 0;
  return kind === 'heap' || kind === 'stack' ? 1 : 2;
}

/** Numbers that are the whole key, without its public half. */
const WHOLE: ReadonlySet<string> = new Set(['d', 'x', 'k', 'seed', 'scalar']);

/** Whole encodings (PEM, DER, a token), then numbers, those that are the whole key first, then parts. */
function formRank({ component, partial }: Described): number {
  if (partial) return 3;
  if (component === undefined || component === '') return 0;
  return WHOLE.has(component) ? 1 : 2;
}

/** Rank of a place, the most useful to a reader first: by form, then contiguous in memory, then by owner. */
export function placeRank(place: Described): number {
  return formRank(place) * 6 + (place.notAdjacentInMemory ? 3 : 0) + ownerRank(place.region);
}

/** Report order of the places of one finding: the most useful first, then by artifact and offset. */
export function byUsefulness(a: Occurrence, b: Occurrence): number {
  return placeRank(a) - placeRank(b) || byPlace(a, b);
}

export interface UsefulPlaces {
  /** The most useful first. */
  kept: Occurrence[];
  /** The least useful spare; the first place of each artifact is none, since it names the artifact. */
  leastSpare: Occurrence | undefined;
}

/** At most `cap` places, the most useful ones, but at least one an artifact. Sorts its argument. */
export function select(places: Occurrence[], cap: number): UsefulPlaces {
  places.sort(byUsefulness);
  const first = new Map<number, Occurrence>();
  for (const each of places) if (!first.has(each.artifact)) first.set(each.artifact, each);
  let room = Math.max(0, cap - first.size);
  let leastSpare: Occurrence | undefined;
  const kept: Occurrence[] = [];
  for (const each of places) {
    const spare = first.get(each.artifact) !== each;
    if (spare && room-- <= 0) continue;
    if (spare) leastSpare = each;
    kept.push(each);
  }
  return { kept, leastSpare };
}
