/** Bits of a packed hit that hold the pattern id; the rest is the offset. */
const ID = 2 ** 24;

/** The hits of a stretch of bytes in typed arrays that grow; offsets as the caller counts them. */
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

  /** `offset` below 2^29, relative to the stretch; `id` below 2^24. */
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

  /** Of the hits from `first` on, drops those that `taken` says. */
  drop(first: number, taken: (index: number) => boolean): void {
    let kept = first;
    // All are asked before one moves: an answer may depend on neighbours.
    const drops = Array.from({ length: this.#length - first }, (_, i) => taken(first + i));
    for (const [i, dropped] of drops.entries()) if (!dropped) this.#packed[kept++] = this.#packed[first + i]!;
    this.#length = kept;
  }

  /** Hits that are packed already. */
  append(packed: Float64Array): void {
    this.#reserve(packed.length);
    this.#packed.set(packed, this.#length);
    this.#length += packed.length;
  }

  /** Of the hits from the `first` on only those that `passes`. */
  keep(first: number, passes: (offset: number, id: number) => boolean): void {
    const packed = this.#packed;
    let kept = first;
    for (let i = first; i < this.#length; i++) {
      const offset = Math.floor(packed[i]! / ID);
      if (passes(offset, packed[i]! - offset * ID)) packed[kept++] = packed[i]!;
    }
    this.#length = kept;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#packed.length) return;
    const larger = new Float64Array(Math.max(2 * this.#packed.length, this.#length + more));
    larger.set(this.#packed);
    this.#packed = larger;
  }

  /** Ascending by offset, then by id; offsets counted from `base`. */
  finish(base: number): { offsets: Float64Array<ArrayBuffer>; ids: Uint32Array<ArrayBuffer> } {
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

/** One literal's hits come sorted, and floods are of one literal: looking is far cheaper than sorting. */
function ascending(packed: Float64Array): boolean {
  for (let i = 1; i < packed.length; i++) if (packed[i - 1]! > packed[i]!) return false;
  return true;
}
