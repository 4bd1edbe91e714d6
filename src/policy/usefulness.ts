import type { Occurrence, Region } from '../model/report.js';
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

/** Less is more useful to a reader: by form, then contiguous in memory, then by owner. */
export function uselessness(place: Described): number {
  return formRank(place) * 6 + (place.notAdjacentInMemory ? 3 : 0) + ownerRank(place.region);
}

/** Report order of the places of one finding: the most useful first, then by artifact and offset. */
export function byUsefulness(a: Occurrence, b: Occurrence): number {
  return uselessness(a) - uselessness(b) || byPlace(a, b);
}

/**
 * Index of the least useful place, those left out that are the most useful of their artifact; -1 if there is
 * none. `places` are grouped by artifact.
 */
export function leastUsefulSpare(places: readonly Occurrence[]): number {
  let least = -1;
  for (let from = 0; from < places.length; ) {
    const { artifact } = places[from]!;
    let best = from;
    let until = from;
    for (; places[until]?.artifact === artifact; until++)
      if (byUsefulness(places[until]!, places[best]!) < 0) best = until;
    for (let i = from; i < until; i++)
      if (i !== best && (least < 0 || byUsefulness(places[i]!, places[least]!) > 0)) least = i;
    from = until;
  }
  return least;
}

/** At most `cap` places, but at least one an artifact: the most useful ones, in this order. */
export function mostUseful(places: Occurrence[], cap: number): Occurrence[] {
  const sorted = places.sort(byUsefulness);
  if (sorted.length <= cap) return sorted;
  const first = new Map<number, Occurrence>();
  for (const each of sorted) if (!first.has(each.artifact)) first.set(each.artifact, each);
  let room = cap - first.size;
  return sorted.filter((each) => first.get(each.artifact) === each || room-- > 0);
}
