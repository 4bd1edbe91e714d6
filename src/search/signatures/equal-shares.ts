/** A budget of seconds in equal shares: what one share leaves goes to those after it. */
export class EqualShares {
  #seconds: number;
  #shares: number;

  constructor(seconds: number, shares: number) {
    [this.#seconds, this.#shares] = [seconds, shares];
  }

  /** The seconds of some shares. */
  take(shares: number): number {
    if (this.#seconds === Number.POSITIVE_INFINITY) return this.#seconds;
    const seconds = (this.#seconds * shares) / this.#shares;
    this.#seconds -= seconds;
    this.#shares -= shares;
    return seconds;
  }

  /** Gives back what is left of some shares. */
  return(seconds: number): void {
    if (seconds > 0) this.#seconds += seconds;
  }
}
