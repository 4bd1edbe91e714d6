/** Work that a search may do, counted in products of two 64-bit words: 2 to 3 ns each. It never looks at a clock. */
export class Effort {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** Takes `cost` off; false, and nothing taken, where there is not so much left. */
  spend(cost: number): boolean {
    if (cost > this.#left) return false;
    this.#left -= cost;
    return true;
  }

  get left(): number {
    return this.#left;
  }
}
