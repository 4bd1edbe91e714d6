import type { Occurrence } from '../model/report.js';

/** A power of two. */
const SLOTS = 2 ** 18;

/**
 * Remembers the places beyond the cap in constant memory: each slot holds the place that came last. Two rules that hit
 * one place, or two passes over one seam, come close together and are counted once; a repeat after a long time counts twice.
 */
export class RecentPlaces {
  /** Four numbers a slot: finding, artifact, offset, length; finding is one-based, 0 means empty. */
  #slots: Float64Array | undefined;

  /** Was this place of this finding the last one in its slot? It is from now on. */
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
