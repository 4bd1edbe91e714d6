import type { Occurrence } from '../model/report.js';

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
