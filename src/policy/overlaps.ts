import type { Extent, Kind, Occurrence } from '../model/report.js';
import { byRank } from './leads.js';
import type { FindingRecord } from './record.js';
import { namesContext } from './specificity.js';

/** Places that touch each other, at most: what a crowd of hostile tokens shares is left as it is. */
const MOST_TOGETHER = 1_024;

/** A place of a finding, with its longest contiguous part. */
interface Held {
  record: FindingRecord;
  place: Occurrence;
  from: number;
  to: number;
}

const KEYS: ReadonlySet<Kind> = new Set(['private-key', 'encrypted-key']);
const isKey = ({ lead }: FindingRecord): boolean => KEYS.has(lead.what.kind);

function longestPart({ offset, length, extents }: Occurrence): Extent {
  let longest: Extent | undefined;
  for (const extent of extents ?? []) if (extent.length > (longest?.length ?? 0)) longest = extent;
  return longest ?? { offset, length };
}

/** The most specific first. A total order, so that the order of candidates does not matter. */
function byPrecedence(a: Held, b: Held): number {
  const [one, other] = [a.record.lead, b.record.lead];
  const [id, otherId] = [one.what.rule.id, other.what.rule.id];
  return (
    byRank(one, other) ||
    b.to - b.from - (a.to - a.from) ||
    (id < otherId ? -1 : id > otherId ? 1 : 0) ||
    a.from - b.from ||
    (a.record.id < b.record.id ? -1 : 1)
  );
}

const contains = (outer: Held, inner: Held): boolean => outer.from <= inner.from && inner.to <= outer.to;

/** One contains the other, or they share more than half of the shorter one. */
function shareMost(a: Held, b: Held): boolean {
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from);
  return 2 * shared > Math.min(a.to - a.from, b.to - b.from);
}

/**
 * True if a place belongs to the more specific finding. Keys stay findings of their own, and a key takes only
 * what a name says of a part of its text.
 */
function takes(winner: Held, loser: Held): boolean {
  if (winner.record === loser.record || loser.record.isTarget || isKey(loser.record)) return false;
  if (!isKey(winner.record)) return shareMost(winner, loser);
  return (
    winner.record.lead.what.confidence !== 'low' &&
    namesContext(loser.record.lead.what.rule) &&
    contains(winner, loser)
  );
}

/** Places at which findings of different secrets overlap: the most specific finding keeps each place. */
export class Overlaps {
  /** Places that more specific findings have taken. */
  readonly lost = new Set<Occurrence>();
  readonly #absorbed = new Map<FindingRecord, Set<FindingRecord>>();

  /** `records`: all findings of one artifact. */
  add(artifact: number, records: Iterable<FindingRecord>): void {
    const all: Held[] = [];
    for (const record of records)
      for (const place of record.places.listIn(artifact)) {
        if (place.component) continue;
        const { offset, length } = longestPart(place);
        all.push({ record, place, from: offset, to: offset + length });
      }
    all.sort((a, b) => a.from - b.from);
    for (let first = 0; first < all.length; ) {
      let end = all[first]!.to;
      let next = first + 1;
      for (; next < all.length && all[next]!.from < end; next++) end = Math.max(end, all[next]!.to);
      const together = next - first;
      if (together > 1 && together <= MOST_TOGETHER) this.#settle(all.slice(first, next));
      first = next;
    }
  }

  /** The less specific findings at places of this one. */
  absorbedBy(record: FindingRecord): readonly FindingRecord[] {
    const absorbed = this.#absorbed.get(record);
    return absorbed === undefined ? NONE : [...absorbed];
  }

  /** True if a place of the finding in this artifact is its own. */
  leaves(record: FindingRecord, artifact: number): boolean {
    return this.lost.size === 0 || record.places.listIn(artifact).some((place) => !this.lost.has(place));
  }

  /** The first place of a finding that is its own; undefined if it has none. */
  firstOf({ places }: FindingRecord): Occurrence | undefined {
    const first = places.first();
    return this.lost.has(first) ? places.list().find((place) => !this.lost.has(place)) : first;
  }

  #settle(together: Held[]): void {
    const kept: Held[] = [];
    for (const held of together.sort(byPrecedence)) {
      const winner = kept.find((other) => takes(other, held));
      if (winner === undefined) kept.push(held);
      else {
        this.lost.add(held.place);
        const absorbed = this.#absorbed.get(winner.record) ?? new Set();
        this.#absorbed.set(winner.record, absorbed.add(held.record));
      }
    }
  }
}

const NONE: readonly never[] = [];
