import { releasable, release } from '../../base/bytes/growable-array.js';

/** Bounds the work if a hostile dump makes hashes equal: further copies are then entered again. */
export const MOST_PROBES = 32;

/**
 * Open addressing: indices of rows by the hashes of their keys, at most half of the slots taken. A look-up
 * reads {@link at} for each probe until there is none, and compares the keys itself.
 */
export class HashSlots {
  /** Index + 1. */
  #slots: Uint32Array;

  constructor(rows: number) {
    this.#slots = releasable(2 * rows);
  }

  /** The row at a probe, below {@link MOST_PROBES}; -1 if no row with this hash is there or behind it. */
  at(hash: number, probe: number): number {
    return this.#slots[(hash + probe) & (this.#slots.length - 1)]! - 1;
  }

  enter(index: number, hash: number): void {
    const last = this.#slots.length - 1;
    for (let i = 0; i < MOST_PROBES; i++) {
      const at = (hash + i) & last;
      if (this.#slots[at] !== 0) continue;
      this.#slots[at] = index + 1;
      return;
    }
  }

  /** Makes room for more rows than the first `count`, which have these hashes. */
  reserve(rows: number, hashes: Uint32Array, count: number): void {
    if (this.#slots.length >= 2 * rows) return;
    release(this.#slots);
    this.#slots = releasable(2 * this.#slots.length);
    for (let i = 0; i < count; i++) this.enter(i, hashes[i]!);
  }

  clear(): void {
    this.#slots.fill(0);
  }

  release(): void {
    release(this.#slots);
  }
}
