/** Steps of a lister between two pauses: some milliseconds of work. */
const INTERVAL = 4096;

/** Counts the steps of a lister: headers, lines, or some bytes that it looks through. */
export class Steps {
  #left = INTERVAL;

  /** True from time to time: the lister then yields undefined, so that its consumer can stop. */
  areMany(steps = 1): boolean {
    this.#left -= steps;
    if (this.#left > 0) return false;
    this.#left = INTERVAL;
    return true;
  }
}
