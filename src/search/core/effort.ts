/** A budget of work, in products of two 64-bit words (2 to 3 ns each): results do not depend on a clock. */
export class Effort {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** False, with nothing spent, if less than `cost` is left. */
  spend(cost: number): boolean {
    if (cost > this.#left) return false;
    this.#left -= cost;
    return true;
  }

  get left(): number {
    return this.#left;
  }
}
