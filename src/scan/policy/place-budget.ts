import { type Limit, limitOf } from '../../core/limits/limit.js';
import type { Occurrence } from '../../core/model/report.js';

/**
 * Places listed beyond the cap of a finding, because each file that holds it is to be named: a budget of the
 * whole scan, since a hundred thousand files can hold a thousand secrets each.
 */
export class PlaceBudget {
  #left: number;
  /** By artifact, places that are counted and not listed although no other place names the artifact. */
  readonly #unlisted = new Map<number, number>();

  constructor(places: number) {
    this.#left = places;
  }

  /** Returns false if the budget is spent: the artifact then has a limit. */
  take(artifact: number): boolean {
    if (this.#left > 0) {
      this.#left--;
      return true;
    }
    this.#unlisted.set(artifact, (this.#unlisted.get(artifact) ?? 0) + 1);
    return false;
  }

  limits(artifact: number): Limit[] {
    const unlisted = this.#unlisted.get(artifact);
    if (unlisted === undefined) return [];
    const reason =
      `${unlisted} places here are counted but not listed: ` +
      'the secrets lie in more files than a report lists places of';
    return [limitOf('occurrences', { left: unlisted }, { offset: 0, length: 0 }, reason)];
  }
}

/** A power of two. */
const SLOTS = 2 ** 18;

/**
 * Direct-mapped cache of places beyond the cap, in constant memory. Two rules that hit one place, or two
 * passes over one seam, follow each other closely and are counted once. A late repeat is counted twice.
 */
export class RecentPlaces {
  /** Four numbers a slot: finding, artifact, offset, length. `finding` is one-based, 0 is an empty slot. */
  #slots: Float64Array | undefined;

  /** Returns true if the place of this finding is in its slot, and stores it there. */
  seen(finding: number, { artifact, offset, length }: Occurrence): boolean {
    const mixed = Math.imul((offset % 2 ** 32) ^ Math.imul(finding, 0x9e3779b1), 0x85ebca6b);
    const slot = ((mixed ^ (mixed >>> 15) ^ artifact) >>> 0) % SLOTS;
    const at = slot * 4;
    this.#slots ??= new Float64Array(SLOTS * 4);
    const slots = this.#slots;
    if (
      slots[at] === finding + 1 &&
      slots[at + 1] === artifact &&
      slots[at + 2] === offset &&
      slots[at + 3] === length
    )
      return true;
    slots[at] = finding + 1;
    slots[at + 1] = artifact;
    slots[at + 2] = offset;
    slots[at + 3] = length;
    return false;
  }
}
