/** Strings of a snapshot: V8 has one for each different text; a heap of 4 GB has some ten million. */
const MAX_BITS = 2 ** 28;

/** A growing set of small numbers. */
export class Bits {
  #bytes = new Uint8Array(2 ** 12);
  /** The largest member; -1 if there is none. */
  last = -1;

  /** False if the number is too large. */
  add(index: number): boolean {
    if (index >= MAX_BITS) return false;
    const at = index >>> 3;
    if (at >= this.#bytes.length) {
      const bytes = new Uint8Array(2 * at);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    this.#bytes[at]! |= 1 << (index & 7);
    if (index > this.last) this.last = index;
    return true;
  }

  has(index: number): boolean {
    return ((this.#bytes[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }
}
