/** A growable column of 32-bit integers. */
export class IntColumn {
  #values = new Int32Array(64);
  count = 0;

  push(value: number): void {
    if (this.count === this.#values.length) {
      const larger = new Int32Array(2 * this.count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.count++] = value;
  }

  /** A copy of all integers, signed. */
  values(): Int32Array {
    return this.#values.slice(0, this.count);
  }

  /** The integer at an index, signed. */
  at(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }
}
