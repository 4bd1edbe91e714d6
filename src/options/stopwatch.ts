import { milliseconds } from '../base/runtime/clock.js';

/**
 * Phases timed on the main thread. Time outside of them is spent waiting for the sweep. `take` stores the
 * integers that workers extract; `numbers` searches them for keys without a marker.
 */
const PHASES = ['start', 'detect', 'take', 'numbers', 'prove', 'copies'] as const;
export type Phase = (typeof PHASES)[number];

/** Milliseconds of wall time, by phase and in total. */
export type Timings = Record<Phase | 'total', number>;

/** Adds up how long each phase of a scan takes on the main thread. */
export class Stopwatch {
  readonly #started = milliseconds();
  readonly #spent: Record<Phase, number> = { start: 0, detect: 0, take: 0, numbers: 0, prove: 0, copies: 0 };

  /** Times synchronous work. */
  time<T>(phase: Phase, work: () => T): T {
    const start = milliseconds();
    try {
      return work();
    } finally {
      this.#spent[phase] += milliseconds() - start;
    }
  }

  /** Times asynchronous work, including what else the main thread does meanwhile. */
  async wait<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const start = milliseconds();
    try {
      return await work();
    } finally {
      this.#spent[phase] += milliseconds() - start;
    }
  }

  timings(): Timings {
    return { ...this.#spent, total: milliseconds() - this.#started };
  }
}
