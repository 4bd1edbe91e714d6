import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import type { Extent, Kind, Occurrence } from '../../core/model/report.js';
import { byRank, isHarmless, namesContext } from './leads.js';
import type { FindingRecord } from './record.js';

/**
 * True if a finding, with what `absorbed` adds to it, does not count whatever the thresholds are: it is
 * expired, in a baseline, or published.
 */
type IsKnown = (record: FindingRecord, absorbed: FindingRecord) => boolean;

/** Places that touch each other, at most: what a crowd of hostile tokens shares is left as it is. */
const MOST_TOGETHER = 1_024;

/** Findings that are compared between two pauses. */
const PACE = 512;

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
    lengthOf(b) - lengthOf(a) ||
    (id < otherId ? -1 : id > otherId ? 1 : 0) ||
    a.from - b.from ||
    (a.record.id < b.record.id ? -1 : 1)
  );
}

const contains = (outer: Held, inner: Held): boolean => outer.from <= inner.from && inner.to <= outer.to;

const lengthOf = ({ from, to }: Held): number => to - from;
const shared = (a: Held, b: Held): number => Math.min(a.to, b.to) - Math.max(a.from, b.from);

/** Places at which findings of different secrets overlap: the most specific finding keeps each place. */
export class Overlaps {
  /** Places that more specific findings have taken. */
  readonly lost = new Set<Occurrence>();
  readonly #absorbed = new Map<FindingRecord, Set<FindingRecord>>();
  readonly #isKnown: IsKnown;

  constructor(isKnown: IsKnown) {
    this.#isKnown = isKnown;
  }

  /** `records`: all findings of one artifact. */
  *add(artifact: number, records: Iterable<FindingRecord>): Pausing<never> {
    const pace = new Pace(PACE);
    const all: Held[] = [];
    for (const record of records) {
      if (pace.isDue()) yield;
      for (const place of record.places.listIn(artifact)) {
        const { offset, length } = longestPart(place);
        all.push({ record, place, from: offset, to: offset + length });
      }
    }
    all.sort((a, b) => a.from - b.from);
    for (let first = 0; first < all.length; ) {
      let end = all[first]!.to;
      let next = first + 1;
      for (; next < all.length && all[next]!.from < end; next++) end = Math.max(end, all[next]!.to);
      const together = next - first;
      if (pace.isDue(together)) yield;
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

  /**
   * True if a place belongs to the more specific finding: one contains the other, or they share more than
   * half of the shorter one. Keys stay findings of their own; they take only named parts of their text.
   */
  #takes(winner: Held, loser: Held): boolean {
    const [one, other] = [winner.record, loser.record];
    if (one === other || other.isTarget || isKey(other)) return false;
    if (isKey(one)) {
      const { confidence } = one.lead.what;
      return confidence !== 'low' && namesContext(other.lead.what.rule) && contains(winner, loser);
    }
    const both = 2 * shared(winner, loser);
    if (both <= Math.min(lengthOf(winner), lengthOf(loser))) return false;
    // A harmless part says nothing of the rest.
    return both > lengthOf(loser) || !(isHarmless(one.lead) || this.#isKnown(one, other));
  }

  #settle(together: Held[]): void {
    const kept: Held[] = [];
    for (const held of together.sort(byPrecedence)) {
      const winner = kept.find((other) => this.#takes(other, held));
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
