import { partitionPoint } from '../base/bytes/binary-search.js';
import type { Extent, Occurrence } from '../model/report.js';

/** Report order: by artifact, then by offset; at one offset the longest first. */
export function byPlace(
  a: Pick<Occurrence, 'artifact' | 'offset' | 'length'>,
  b: Pick<Occurrence, 'artifact' | 'offset' | 'length'>,
): number {
  return a.artifact - b.artifact || a.offset - b.offset || b.length - a.length;
}

const end = (extent: Extent): number => extent.offset + extent.length;
const isFragmented = (occurrence: Occurrence): boolean => (occurrence.extents?.length ?? 1) > 1;
const extentsKey = (occurrence: Occurrence): string =>
  `${occurrence.artifact}:${(occurrence.extents ?? []).map((e) => `${e.offset}+${e.length}`).join()}`;

/** True if a contiguous place is inside one extent of a fragmented one. */
const liesIn = (inner: Occurrence, outer: Occurrence): boolean =>
  inner.artifact === outer.artifact &&
  (outer.extents ?? []).some((extent) => extent.offset <= inner.offset && end(inner) <= end(extent));

/** True if this place, which is beyond the cap, was counted before. */
export type WasSeen = (occurrence: Occurrence) => boolean;

/** Of two descriptions of one place the lesser is kept, so that the order of candidates does not matter. */
const description = (o: Occurrence): string =>
  [
    o.partial ?? false,
    o.notAdjacentInMemory ?? false,
    o.component ?? '',
    o.encoding ?? '',
    o.wide ?? '',
  ].join();

/** Order in which places are kept: whole copies before remnants. */
const byCompleteness = (a: Occurrence, b: Occurrence): number =>
  Number(a.partial ?? false) - Number(b.partial ?? false) || byPlace(a, b);

/**
 * The places of one secret. At most `cap` are kept: whole copies before remnants, each in report order. All
 * are counted. A place inside another place of the same secret (PKCS#1 inside PKCS#8, a prime inside its
 * key's DER) is the same place and is not counted again.
 *
 * `#spans` never holds a span inside another. It is therefore ascending by offset and by end, and one binary
 * search tells whether a new span is inside a kept one and which kept ones are inside the new one.
 */
export class Occurrences {
  #spans: Occurrence[] = [];
  /** Not contiguous in the file; by their extents. */
  #fragmented: Map<string, Occurrence> | undefined;
  /**
   * True if a fragmented place may be a remnant: in a flood of whole ones the search for one fails only once.
   */
  #hasRemnants = false;
  /** The last remnant in `#spans`, which is evicted first. Null: there is none; undefined: not known. */
  #lastRemnant: Occurrence | null | undefined;
  #unlisted = 0;
  readonly #cap: number;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get count(): number {
    return this.#spans.length + (this.#fragmented?.size ?? 0) + this.#unlisted;
  }

  /** Returns false if the place is known already. */
  add(occurrence: Occurrence, seen: WasSeen): boolean {
    if (isFragmented(occurrence)) return this.#addFragmented(occurrence, seen);
    if (this.#isInFragment(occurrence)) return false;
    if (this.#spans.length === 0 && this.#cap > 0) {
      // Most findings have one place. push() on an empty array would reserve room for 17.
      this.#spans = [occurrence];
      return true;
    }
    const at = this.#upperBound(occurrence);
    const before = this.#spans[at - 1];
    if (before?.artifact === occurrence.artifact && end(before) >= end(occurrence)) {
      const same = before.offset === occurrence.offset && before.length === occurrence.length;
      if (same && description(occurrence) < description(before)) {
        this.#spans[at - 1] = occurrence;
        this.#lastRemnant = undefined;
      }
      return false;
    }
    let until = at;
    while (this.#contains(occurrence, this.#spans[until])) until++;
    const full = this.#spans.length >= this.#cap && until === at;
    if (full && !this.#outranks(occurrence)) return this.#count(occurrence, seen);
    this.#spans.splice(at, until - at, occurrence);
    if (occurrence.partial || until > at) this.#lastRemnant = undefined;
    if (this.#spans.length > this.#cap) this.#count(this.#evict(), seen);
    return true;
  }

  /** The kept places in report order. */
  list(): Occurrence[] {
    const all = [...this.#spans, ...(this.#fragmented?.values() ?? [])];
    return (all.length > this.#cap ? all.sort(byCompleteness).slice(0, this.#cap) : all).sort(byPlace);
  }

  /** The first of {@link list}. Throws if there is none. */
  first(): Occurrence {
    if (this.#spans.length + (this.#fragmented?.size ?? 0) > this.#cap) return this.list()[0]!;
    let first = this.#spans[0];
    for (const each of this.#fragmented?.values() ?? [])
      if (first === undefined || byPlace(each, first) < 0) first = each;
    if (first === undefined) throw new RangeError('a finding without a place');
    return first;
  }

  /** First index whose occurrence is after this one in report order. */
  #upperBound(occurrence: Occurrence): number {
    return partitionPoint(this.#spans.length, (i) => byPlace(this.#spans[i]!, occurrence) <= 0);
  }

  /** True if this one evicts a span of the full list. */
  #outranks(occurrence: Occurrence): boolean {
    const lowest = this.#findLastRemnant() ?? this.#spans.at(-1);
    return lowest !== undefined && byCompleteness(occurrence, lowest) < 0;
  }

  #findLastRemnant(): Occurrence | null {
    if (this.#lastRemnant === undefined)
      this.#lastRemnant = this.#spans.findLast(({ partial }) => partial) ?? null;
    return this.#lastRemnant;
  }

  /** Removes the last remnant or, if there is none, the last span. */
  #evict(): Occurrence {
    const last = this.#spans.findLastIndex(({ partial }) => partial);
    this.#lastRemnant = undefined;
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

  #addFragmented(occurrence: Occurrence, seen: WasSeen): boolean {
    this.#fragmented ??= new Map();
    const key = extentsKey(occurrence);
    const known = this.#fragmented.get(key);
    if (known !== undefined) {
      if (description(occurrence) < description(known)) this.#fragmented.set(key, occurrence);
      return false;
    }
    if (this.#fragmented.size >= this.#cap) {
      const remnant =
        this.#hasRemnants && !occurrence.partial
          ? [...this.#fragmented].findLast(([, each]) => each.partial)
          : undefined;
      if (!occurrence.partial) this.#hasRemnants = remnant !== undefined;
      if (remnant === undefined) return this.#count(occurrence, seen);
      this.#fragmented.delete(remnant[0]);
      this.#count(remnant[1], seen);
    }
    this.#fragmented.set(key, occurrence);
    this.#hasRemnants ||= occurrence.partial ?? false;
    this.#spans = this.#spans.filter((span) => !liesIn(span, occurrence));
    return true;
  }

  /** True if it is inside one extent of a fragmented place: a number of a key that has a seam in it. */
  #isInFragment(occurrence: Occurrence): boolean {
    for (const whole of this.#fragmented?.values() ?? []) if (liesIn(occurrence, whole)) return true;
    return false;
  }

  #count(occurrence: Occurrence, seen: WasSeen): boolean {
    if (seen(occurrence)) return false;
    this.#unlisted++;
    return true;
  }
}
