import { releasable, release } from '../../core/base/bytes/growable-array.js';

/** Bounds the work if a hostile dump makes hashes equal: further copies are then entered again. */
const MOST_PROBES = 32;

/**
 * Open addressing: indices of rows by the hashes of their keys, at most half of the slots taken. A look-up
 * compares the keys itself, of the row at each probe that {@link next} returns. A slot holds the upper bits
 * of the hash as well: a key that is not there costs one read of memory.
 */
export class HashSlots {
  /** In the bits of an index of a slot: index of the row + 1. Above them, bits of its hash. */
  #slots: Uint32Array;
  /** Greatest index of a slot: the length of a resizable array is slow to read. */
  #last: number;

  constructor(rows: number) {
    this.#last = 2 * rows - 1;
    this.#slots = releasable(2 * rows);
  }

  /** The first probe from `probe` on that finds a row which may have this hash; -1 if there is none. */
  next(hash: number, probe: number): number {
    const slots = this.#slots;
    const last = this.#last;
    for (let i = probe; i < MOST_PROBES; i++) {
      const slot = slots[(hash + i) & last]!;
      if (slot === 0) return -1;
      if (((slot ^ hash) & ~last) === 0) return i;
    }
    return -1;
  }

  /** The row at a probe that {@link next} has returned. */
  row(hash: number, probe: number): number {
    const last = this.#last;
    return (this.#slots[(hash + probe) & last]! & last) - 1;
  }

  enter(index: number, hash: number): void {
    const last = this.#last;
    for (let i = 0; i < MOST_PROBES; i++) {
      const at = (hash + i) & last;
      if (this.#slots[at] !== 0) continue;
      this.#slots[at] = (hash & ~last) | (index + 1);
      return;
    }
  }

  /** Makes room for more rows than the first `count`, which have these hashes. */
  reserve(rows: number, hashes: Uint32Array, count: number): void {
    if (this.#last + 1 >= 2 * rows) return;
    release(this.#slots);
    this.#last = 2 * this.#last + 1;
    this.#slots = releasable(this.#last + 1);
    for (let i = 0; i < count; i++) this.enter(i, hashes[i]!);
  }

  clear(): void {
    this.#slots.fill(0);
  }

  release(): void {
    release(this.#slots);
  }
}
