import type { Pausing } from '../core/base/runtime/turns.js';

/** Bits of a packed hit that hold the pattern id; the rest is the offset. */
const ID = 2 ** 24;

/** Hits that are filtered between two pauses. */
const SOME = 512;

interface Hits {
  offsets: Float64Array<ArrayBuffer>;
  ids: Uint32Array<ArrayBuffer>;
}

/** One for all: most short members have none. It is not transferred to other threads. */
const NONE: Hits = { offsets: new Float64Array(0), ids: new Uint32Array(0) };

/** A growable list of hits; offsets are relative to a base that the caller chooses. */
export class HitList {
  /** offset * 2^24 + id: one number, so that sorting is one native call. */
  #packed = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** `offset` is below 2^29, `id` below 2^24. */
  push(offset: number, id: number): void {
    this.#reserve(1);
    this.#packed[this.#length++] = offset * ID + id;
  }

  offset(index: number): number {
    return Math.floor(this.#packed[index]! / ID);
  }

  id(index: number): number {
    return this.#packed[index]! - this.offset(index) * ID;
  }

  /** Replaces the hits from index `first` on, packed as kernels pack them, by no more than there were. */
  replace(first: number, by: (packed: Float64Array) => Float64Array): void {
    const rest = by(this.#packed.subarray(first, this.#length));
    this.#packed.set(rest, first);
    this.#length = first + rest.length;
  }

  /** Appends hits that a kernel has packed. */
  append(packed: Float64Array): void {
    this.#reserve(packed.length);
    this.#packed.set(packed, this.#length);
    this.#length += packed.length;
  }

  /** Drops the hits from index `first` on for which `passes` is false. */
  *keep(first: number, passes: (offset: number, id: number) => boolean): Pausing<never> {
    let end = first;
    for (let at = first; at < this.#length; at += SOME) {
      if (at > first) yield;
      end = this.#keepSome(at, Math.min(this.#length, at + SOME), end, passes);
    }
    this.#length = end;
  }

  /** Moves those of [from, to) that pass to `end`; returns their end. */
  #keepSome(from: number, to: number, end: number, passes: (offset: number, id: number) => boolean): number {
    const packed = this.#packed;
    for (let i = from; i < to; i++) {
      const offset = Math.floor(packed[i]! / ID);
      if (passes(offset, packed[i]! - offset * ID)) packed[end++] = packed[i]!;
    }
    return end;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#packed.length) return;
    const larger = new Float64Array(Math.max(2 * this.#packed.length, this.#length + more));
    larger.set(this.#packed);
    this.#packed = larger;
  }

  /** The hits ascending by offset, then by id; `base` is added to offsets. */
  finish(base: number): Hits {
    if (this.#length === 0) return NONE;
    const packed = this.#packed.subarray(0, this.#length);
    if (!ascending(packed)) packed.sort();
    const offsets = new Float64Array(packed.length);
    const ids = new Uint32Array(packed.length);
    for (let i = 0; i < packed.length; i++) {
      const offset = Math.floor(packed[i]! / ID);
      offsets[i] = base + offset;
      ids[i] = packed[i]! - offset * ID;
    }
    return { offsets, ids };
  }
}

/**
 * Hits of one literal come sorted, and large batches are
 * mostly of one: this check is far cheaper than sorting.
 */
function ascending(packed: Float64Array): boolean {
  for (let i = 1; i < packed.length; i++) if (packed[i - 1]! > packed[i]!) return false;
  return true;
}
