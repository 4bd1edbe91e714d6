import { partitionPoint } from '../base/bytes/binary-search.js';
import type { Extent, Occurrence } from '../model/report.js';

/** Order of a report: artifact, then offset, then the longer one. */
export function byPlace(
  a: Pick<Occurrence, 'artifact' | 'offset' | 'length'>,
  b: Pick<Occurrence, 'artifact' | 'offset' | 'length'>,
): number {
  return a.artifact - b.artifact || a.offset - b.offset || b.length - a.length;
}

const end = (extent: Extent): number => extent.offset + extent.length;
const scattered = (occurrence: Occurrence): boolean => (occurrence.extents?.length ?? 1) > 1;
const pieces = (occurrence: Occurrence): string =>
  `${occurrence.artifact}:${(occurrence.extents ?? []).map((e) => `${e.offset}+${e.length}`).join()}`;

/** Is a contiguous place inside one extent of another that is not? */
const liesIn = (inner: Occurrence, outer: Occurrence): boolean =>
  inner.artifact === outer.artifact &&
  (outer.extents ?? []).some((extent) => extent.offset <= inner.offset && end(inner) <= end(extent));

/** Was this place, which lies beyond the cap, met before? */
export type Seen = (occurrence: Occurrence) => boolean;

/** Of two readings of one place the plainer is kept, so that the order in which they come does not matter. */
const plainness = (o: Occurrence): string =>
  [
    o.partial ?? false,
    o.notAdjacentInMemory ?? false,
    o.component ?? '',
    o.encoding ?? '',
    o.wide ?? '',
  ].join();

/** Order in which places are kept: a remnant gives way to a copy that is whole. */
const byWorth = (a: Occurrence, b: Occurrence): number =>
  Number(a.partial ?? false) - Number(b.partial ?? false) || byPlace(a, b);

/**
 * The places of one secret: `cap` are kept, whole copies before remnants, the first in report order of each; all are counted. A place inside another place
 * of the same secret (PKCS#1 inside PKCS#8, a prime inside its key's DER) is the same place and not counted again.
 *
 * `#spans` never holds a span inside another, so that it ascends by offset and by end alike, and one binary search
 * answers both questions: is the new one inside a kept one, and which kept ones lie inside the new one?
 */
export class Occurrences {
  #spans: Occurrence[] = [];
  /** Not contiguous in the file: told apart by their pieces. */
  #scattered: Map<string, Occurrence> | undefined;
  /** True while one of them may be a remnant: a flood of whole ones looks for it in vain once, not each time. */
  #hasRemnants = false;
  /** The last remnant in `#spans`, the first to give way; null where there is none, undefined where it is to be looked for. */
  #last: Occurrence | null | undefined;
  #beyond = 0;
  readonly #cap: number;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get count(): number {
    return this.#spans.length + (this.#scattered?.size ?? 0) + this.#beyond;
  }

  /** False where the place is known already. */
  add(occurrence: Occurrence, seen: Seen): boolean {
    if (scattered(occurrence)) return this.#addScattered(occurrence, seen);
    if (this.#isPiece(occurrence)) return false;
    if (this.#spans.length === 0 && this.#cap > 0) {
      // Most findings have one place: an array that had to grow for it would have room for seventeen.
      this.#spans = [occurrence];
      return true;
    }
    const at = this.#upperBound(occurrence);
    const before = this.#spans[at - 1];
    if (before?.artifact === occurrence.artifact && end(before) >= end(occurrence)) {
      const same = before.offset === occurrence.offset && before.length === occurrence.length;
      if (same && plainness(occurrence) < plainness(before)) {
        this.#spans[at - 1] = occurrence;
        this.#last = undefined;
      }
      return false;
    }
    let until = at;
    while (this.#contains(occurrence, this.#spans[until])) until++;
    const full = this.#spans.length >= this.#cap && until === at;
    if (full && !this.#isWorth(occurrence)) return this.#count(occurrence, seen);
    this.#spans.splice(at, until - at, occurrence);
    if (occurrence.partial || until > at) this.#last = undefined;
    if (this.#spans.length > this.#cap) this.#count(this.#giveWay(), seen);
    return true;
  }

  /** Those that are kept, in report order. */
  list(): Occurrence[] {
    const all = [...this.#spans, ...(this.#scattered?.values() ?? [])];
    return (all.length > this.#cap ? all.sort(byWorth).slice(0, this.#cap) : all).sort(byPlace);
  }

  /** The first of {@link list}. Throws where there is none. */
  first(): Occurrence {
    if (this.#spans.length + (this.#scattered?.size ?? 0) > this.#cap) return this.list()[0]!;
    let first = this.#spans[0];
    for (const each of this.#scattered?.values() ?? [])
      if (first === undefined || byPlace(each, first) < 0) first = each;
    if (first === undefined) throw new RangeError('a finding without a place');
    return first;
  }

  /** First index whose occurrence stands after this one in report order; a longer one at the same offset stands before. */
  #upperBound(occurrence: Occurrence): number {
    return partitionPoint(this.#spans.length, (i) => byPlace(this.#spans[i]!, occurrence) <= 0);
  }

  /** Does one of the spans, which are full, give way to this one? */
  #isWorth(occurrence: Occurrence): boolean {
    const lowest = this.#lastRemnant() ?? this.#spans.at(-1);
    return lowest !== undefined && byWorth(occurrence, lowest) < 0;
  }

  #lastRemnant(): Occurrence | null {
    if (this.#last === undefined) this.#last = this.#spans.findLast(({ partial }) => partial) ?? null;
    return this.#last;
  }

  /** Takes out the one that is worth least. */
  #giveWay(): Occurrence {
    const last = this.#spans.findLastIndex(({ partial }) => partial);
    this.#last = undefined;
    return this.#spans.splice(last, 1)[0]!;
  }

  #contains(outer: Occurrence, inner: Occurrence | undefined): boolean {
    return (
      inner !== undefined &&
      inner.artifact === outer.artifact &&
      inner.offset >= outer.offset &&
      end(inner) <= end(outer)
    );
  }

  #addScattered(occurrence: Occurrence, seen: Seen): boolean {
    this.#scattered ??= new Map();
    const key = pieces(occurrence);
    const known = this.#scattered.get(key);
    if (known !== undefined) {
      if (plainness(occurrence) < plainness(known)) this.#scattered.set(key, occurrence);
      return false;
    }
    if (this.#scattered.size >= this.#cap) {
      const remnant =
        this.#hasRemnants && !occurrence.partial
          ? [...this.#scattered].findLast(([, each]) => each.partial)
          : undefined;
      if (!occurrence.partial) this.#hasRemnants = remnant !== undefined;
      if (remnant === undefined) return this.#count(occurrence, seen);
      this.#scattered.delete(remnant[0]);
      this.#count(remnant[1], seen);
    }
    this.#scattered.set(key, occurrence);
    this.#hasRemnants ||= occurrence.partial ?? false;
    this.#spans = this.#spans.filter((span) => !liesIn(span, occurrence));
    return true;
  }

  /** Inside one extent of what is not contiguous: a number of a key that a seam parts. */
  #isPiece(occurrence: Occurrence): boolean {
    for (const whole of this.#scattered?.values() ?? []) if (liesIn(occurrence, whole)) return true;
    return false;
  }

  #count(occurrence: Occurrence, seen: Seen): boolean {
    if (seen(occurrence)) return false;
    this.#beyond++;
    return true;
  }
}
