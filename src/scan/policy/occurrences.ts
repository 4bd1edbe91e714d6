import type { Occurrence } from '../../core/model/report.js';
import { type PlaceCaps, PlaceList, type WasSeen } from './place-list.js';

/** The places of one secret. Most secrets have one: a list of it would be a third of a finding's memory. */
export class Occurrences {
  #only: Occurrence | undefined;
  #list: PlaceList | undefined;
  readonly #caps: PlaceCaps;

  constructor(caps: PlaceCaps) {
    this.#caps = caps;
  }

  get count(): number {
    return this.#list?.count ?? (this.#only === undefined ? 0 : 1);
  }

  /** Returns false if the place is known already. */
  add(occurrence: Occurrence, seen: WasSeen): boolean {
    if (this.#list === undefined && this.#only === undefined) {
      this.#only = occurrence;
      return true;
    }
    if (this.#list === undefined) {
      this.#list = new PlaceList(this.#caps);
      this.#list.add(this.#only!, seen);
      this.#only = undefined;
    }
    return this.#list.add(occurrence, seen);
  }

  /** The kept places, the most useful first. */
  list(): Occurrence[] {
    return this.#list?.list() ?? (this.#only === undefined ? [] : [this.#only]);
  }

  /** The kept places in one artifact, the most useful first. */
  listIn(artifact: number): Occurrence[] {
    return this.#list?.listIn(artifact) ?? this.list().filter((each) => each.artifact === artifact);
  }

  /** The first of {@link list}. Throws if there is none. */
  first(): Occurrence {
    const first = this.#only ?? this.#list?.first();
    if (first === undefined) throw new RangeError('a finding without a place');
    return first;
  }
}
