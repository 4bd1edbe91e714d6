import type { Effect, Warning } from '../../../src/core/base/runtime/warnings.js';

/** Notices of one code that are passed on one by one. */
const MOST = 100;

/** Passes notices on: of each code the first 100, and at the end the number of the others. */
export class Notices {
  readonly #take: (notice: Warning) => void;
  readonly #counts = new Map<string, { count: number; effect: Effect }>();

  constructor(take: (notice: Warning) => void) {
    this.#take = take;
  }

  add(notice: Warning): void {
    const { code, effect } = notice;
    const count = (this.#counts.get(code)?.count ?? 0) + 1;
    this.#counts.set(code, { count, effect });
    if (count <= MOST) this.#take(notice);
  }

  end(): void {
    for (const [code, { count, effect }] of this.#counts)
      if (count > MOST) this.#take({ code, effect, message: `${count - MOST} more of ${code}` });
    this.#counts.clear();
  }
}
