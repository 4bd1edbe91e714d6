import { failure } from '../host.js';

/** Attempts in a row before a network is taken for gone, whatever time they take. */
const LEAST_ATTEMPTS = 10;

/**
 * Notices that nothing can be reached any more: then dumps are not given up one by one, which would take days
 * and call each of them unreadable, but the work ends and leaves them to a later run or to other machines.
 */
export class Reach {
  readonly #most: number;
  #since = performance.now();
  #attempts = 0;

  /** `most`: milliseconds for which it goes on. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Something was read. */
  has(): void {
    this.#attempts = 0;
  }

  /** A dump could not be reached. Throws `network-unreachable` (exit 2). */
  lacks(message: string): void {
    if (this.#attempts++ === 0) this.#since = performance.now();
    if (this.#attempts < LEAST_ATTEMPTS || performance.now() - this.#since < this.#most) return;
    throw failure(
      {
        code: 'network-unreachable',
        message: `nothing can be reached any more: ${message}`,
        hint: 'what was scanned is stored; the same command goes on',
      },
      2,
    );
  }
}
