import { partitionPoint } from '../../core/base/bytes/binary-search.js';
import type { Extent, Occurrence } from '../../core/model/report.js';
import { byPlace } from './by-place.js';
import type { PlaceBudget } from './place-budget.js';
import { byUsefulness, select } from './usefulness.js';

const end = (extent: Extent): number => extent.offset + extent.length;
const isFragmented = (occurrence: Occurrence): boolean => (occurrence.extents?.length ?? 1) > 1;
const extentsKey = (occurrence: Occurrence): string =>
  (occurrence.extents ?? []).map((e) => `${e.offset}+${e.length}`).join();

/** True if each extent of a place is inside an extent of a fragmented one of the same artifact. */
const liesIn = (inner: Occurrence, outer: Occurrence): boolean =>
  (inner.extents ?? [inner]).every((part) =>
    (outer.extents ?? []).some((extent) => extent.offset <= part.offset && end(part) <= end(extent)),
  );

/** True if this place, which is not listed, was counted before. */
export type WasSeen = (occurrence: Occurrence) => boolean;

/** Of two descriptions of one place the lesser is kept, so that the order of candidates does not matter. */
const description = (o: Occurrence): string =>
  [
    o.partial ?? false,
    o.notAdjacentInMemory ?? false,
    o.component ?? '',
    o.encoding ?? '',
    o.wide ?? '',
    ...(o.notes ?? []),
  ].join();

const isBetter = (occurrence: Occurrence, than: Occurrence | undefined): boolean =>
  than === undefined || byUsefulness(occurrence, than) < 0;

/** Caps on the places of a finding, and of all findings together. */
export interface PlaceCaps {
  cap: number;
  budget: PlaceBudget;
}

/** The fragmented places of one artifact, by their extents. */
type Fragments = Map<string, Occurrence>;

/**
 * The places of one secret. At most `cap` are kept, the most useful ones, but at least one an artifact, as
 * long as the budget of the scan lasts. All are counted. A place inside another place of the same secret
 * (PKCS#1 inside PKCS#8, a prime inside its key's DER) is the same place and is not counted again.
 *
 * `#spans` never holds a span inside another. It is therefore ascending by offset and by end, and one binary
 * search tells whether a new span is inside a kept one and which kept ones are inside the new one.
 */
export class PlaceList {
  /** By artifact, then by offset. Twice the cap at most, so that each selection pays for many places. */
  #spans: Occurrence[] = [];
  /** Artifacts in `#spans`. */
  #artifacts = 0;
  /** The least useful spare of the last selection: a worse one is not kept. Undefined if there is room. */
  #spareSpan: Occurrence | undefined;
  /** Not contiguous in the file; by artifact. */
  #fragments: Map<number, Fragments> | undefined;
  #fragmentCount = 0;
  /** Lengths of fragmented places, to compare a place only with those that may contain it. */
  #fragmentLengths = { least: Number.POSITIVE_INFINITY, most: 0 };
  #spareFragment: Occurrence | undefined;
  #unlisted = 0;
  readonly #cap: number;
  readonly #budget: PlaceBudget;

  constructor({ cap, budget }: PlaceCaps) {
    this.#cap = cap;
    this.#budget = budget;
  }

  get count(): number {
    return this.#spans.length + this.#fragmentCount + this.#unlisted;
  }

  /** Returns false if the place is known already. */
  add(occurrence: Occurrence, seen: WasSeen): boolean {
    if (isFragmented(occurrence)) return this.#addFragmented(occurrence, seen);
    if (this.#isInFragment(occurrence)) return false;
    const at = partitionPoint(this.#spans.length, (i) => byPlace(this.#spans[i]!, occurrence) <= 0);
    const before = this.#spans[at - 1];
    if (before?.artifact === occurrence.artifact && end(before) >= end(occurrence)) {
      const same = before.offset === occurrence.offset && before.length === occurrence.length;
      if (same && description(occurrence) < description(before)) this.#spans[at - 1] = occurrence;
      return false;
    }
    let until = at;
    while (this.#contains(occurrence, this.#spans[until])) until++;
    const known = before?.artifact === occurrence.artifact || this.#isOf(occurrence.artifact, at);
    if (until > at) this.#spareSpan = undefined;
    else {
      const kept = known ? this.#isUsefulSpan(occurrence, at) : this.#mayName(occurrence, this.#artifacts);
      if (!kept) return this.#count(occurrence, seen);
    }
    this.#spans.splice(at, until - at, occurrence);
    if (!known) this.#artifacts++;
    if (this.#spans.length > this.#most(this.#artifacts)) this.#selectSpans(seen);
    return true;
  }

  /** The kept places, the most useful first. */
  list(): Occurrence[] {
    return select([...this.#spans, ...this.#allFragments()], this.#cap).kept;
  }

  /** The kept places in one artifact, the most useful first. */
  listIn(artifact: number): Occurrence[] {
    this.#settle();
    const [from, to] = this.#runOf(artifact);
    const fragments = this.#fragments?.get(artifact)?.values() ?? [];
    return [...this.#spans.slice(from, to), ...fragments].sort(byUsefulness);
  }

  /** The first of {@link list}. */
  first(): Occurrence | undefined {
    let first = this.#spans[0];
    const better = (each: Occurrence) => first === undefined || byUsefulness(each, first) < 0;
    for (const each of this.#spans) if (better(each)) first = each;
    for (const each of this.#allFragments()) if (better(each)) first = each;
    return first;
  }

  /** Drops places beyond the cap that wait for the next selection: their order must not matter. */
  #settle(): void {
    if (this.#spans.length > Math.max(this.#cap, this.#artifacts)) this.#selectSpans(() => false);
    if (this.#fragmentCount > Math.max(this.#cap, this.#fragments?.size ?? 0))
      this.#selectFragments(() => false);
  }

  *#allFragments(): Generator<Occurrence> {
    for (const fragments of this.#fragments?.values() ?? []) yield* fragments.values();
  }

  #isOf(artifact: number, at: number): boolean {
    return this.#spans[at]?.artifact === artifact;
  }

  /** The spans of an artifact, as indices. */
  #runOf(artifact: number): [from: number, to: number] {
    const before = (limit: number) =>
      partitionPoint(this.#spans.length, (i) => this.#spans[i]!.artifact < limit);
    return [before(artifact), before(artifact + 1)];
  }

  /** Places kept until the next selection. Beyond the cap each artifact has one place. */
  #most(artifacts: number): number {
    return artifacts >= this.#cap ? artifacts : 2 * this.#cap;
  }

  /** True if a further artifact may have a place. */
  #mayName({ artifact }: Occurrence, artifacts: number): boolean {
    return artifacts < this.#cap || this.#budget.take(artifact);
  }

  /** True if a place of a known artifact may be kept; `at` is its index. */
  #isUsefulSpan(occurrence: Occurrence, at: number): boolean {
    const { artifact } = occurrence;
    const beside = this.#isOf(artifact, at - 1) ? at - 1 : at;
    const alone = !this.#isOf(artifact, beside - 1) && !this.#isOf(artifact, beside + 1);
    if (alone && byUsefulness(occurrence, this.#spans[beside]!) < 0) return true;
    return this.#artifacts < this.#cap && isBetter(occurrence, this.#spareSpan);
  }

  #selectSpans(seen: WasSeen): void {
    const { kept, leastSpare } = select([...this.#spans], this.#cap);
    const listed = new Set(kept);
    for (const each of this.#spans) if (!listed.has(each)) this.#count(each, seen);
    this.#spans = this.#spans.filter((each) => listed.has(each));
    this.#spareSpan = leastSpare;
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
    const { artifact } = occurrence;
    this.#fragments ??= new Map();
    const fragments = this.#fragments.get(artifact);
    const key = extentsKey(occurrence);
    const known = fragments?.get(key);
    if (known !== undefined) {
      if (description(occurrence) < description(known)) fragments!.set(key, occurrence);
      return false;
    }
    if (this.#isInFragment(occurrence)) return false;
    this.#dropFragmentsIn(occurrence);
    const { least, most } = this.#fragmentLengths;
    const { length } = occurrence;
    this.#fragmentLengths = { least: Math.min(least, length), most: Math.max(most, length) };
    const kept = fragments
      ? this.#isUsefulFragment(occurrence, fragments)
      : this.#mayName(occurrence, this.#fragments.size);
    if (!kept) return this.#count(occurrence, seen);
    if (fragments) fragments.set(key, occurrence);
    else this.#fragments.set(artifact, new Map([[key, occurrence]]));
    this.#fragmentCount++;
    this.#dropSpansIn(occurrence);
    if (this.#fragmentCount > this.#most(this.#fragments.size)) this.#selectFragments(seen);
    return true;
  }

  #isUsefulFragment(occurrence: Occurrence, fragments: Fragments): boolean {
    const [other] = fragments.values();
    if (fragments.size === 1 && byUsefulness(occurrence, other!) < 0) return true;
    return this.#fragments!.size < this.#cap && isBetter(occurrence, this.#spareFragment);
  }

  #selectFragments(seen: WasSeen): void {
    const { kept, leastSpare } = select([...this.#allFragments()], this.#cap);
    const listed = new Set(kept);
    for (const fragments of this.#fragments!.values())
      for (const [key, each] of fragments) {
        if (listed.has(each)) continue;
        fragments.delete(key);
        this.#fragmentCount--;
        this.#count(each, seen);
      }
    this.#spareFragment = leastSpare;
  }

  /** Drops the fragmented places that are inside another one. */
  #dropFragmentsIn(whole: Occurrence): void {
    if (whole.length <= this.#fragmentLengths.least) return;
    const fragments = this.#fragments?.get(whole.artifact);
    for (const [key, each] of fragments ?? []) {
      if (!liesIn(each, whole)) continue;
      fragments!.delete(key);
      this.#fragmentCount--;
      this.#spareFragment = undefined;
    }
  }

  /** Drops the spans that are inside an extent of a fragmented place. */
  #dropSpansIn(whole: Occurrence): void {
    const [from, to] = this.#runOf(whole.artifact);
    const kept = this.#spans.slice(from, to).filter((span) => !liesIn(span, whole));
    if (kept.length === to - from) return;
    this.#spans.splice(from, to - from, ...kept);
    if (kept.length === 0) this.#artifacts--;
    this.#spareSpan = undefined;
  }

  /** True if it is inside a fragmented place: a number of a key that has a seam in it. */
  #isInFragment(occurrence: Occurrence): boolean {
    if (this.#fragments === undefined || occurrence.length >= this.#fragmentLengths.most) return false;
    for (const whole of this.#fragments.get(occurrence.artifact)?.values() ?? [])
      if (liesIn(occurrence, whole)) return true;
    return false;
  }

  #count(occurrence: Occurrence, seen: WasSeen): boolean {
    if (seen(occurrence)) return false;
    this.#unlisted++;
    return true;
  }
}
