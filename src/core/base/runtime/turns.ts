import { setImmediate } from 'node:timers/promises';
import { milliseconds } from './clock.js';

/**
 * Long computations in slices: a generator yields `undefined` between its results where it may be
 * interrupted, and {@link inTurns} lets timers and signals run there. The result does not depend on it.
 */

/** Milliseconds of work after which timers and signals get their turn. */
const SLICE = 50;

/** Results, with pauses between them. `Return`: the result of the whole. */
export type Pausing<Result, Return = void> = Generator<Result | undefined, Return, undefined>;

/** Turns of the event loop for timers and signals, one for each slice of work. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #since = milliseconds();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  get isDue(): boolean {
    return milliseconds() - this.#since >= SLICE;
  }

  /** Throws the signal's reason if it is aborted. */
  async take(): Promise<void> {
    await setImmediate();
    this.#since = milliseconds();
    this.#signal?.throwIfAborted();
  }
}

/** The results of a computation in slices. Throws the signal's reason when aborted. */
export async function* inTurns<Result>(
  work: Iterable<Result | undefined>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const turns = new Turns(signal);
  for (const result of work) {
    if (result !== undefined) yield result;
    if (turns.isDue) await turns.take();
  }
}

/** The result of the whole, computed in slices, as {@link inTurns}. */
export async function finishInTurns<Return>(
  work: Pausing<never, Return>,
  signal?: AbortSignal,
): Promise<Return> {
  const turns = new Turns(signal);
  try {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value as Return;
      if (turns.isDue) await turns.take();
    }
  } finally {
    work.return(undefined as Return);
  }
}

/** The result of the whole, computed at once. */
export function finish<Return>(work: Pausing<never, Return>): Return {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as Return;
  }
}

/** The results of a computation, without pauses. */
export function* atOnce<Result>(work: Iterable<Result | undefined>): Generator<Result> {
  for (const result of work) if (result !== undefined) yield result;
}

/** Counts work that is too short for a pause after each unit. */
export class Pace {
  readonly #each: number;
  #left: number;

  /** `each`: units of work of about a millisecond. */
  constructor(each: number) {
    this.#each = each;
    this.#left = each;
  }

  /** True if the work since the last pause calls for one. */
  isDue(units = 1): boolean {
    this.#left -= units;
    if (this.#left > 0) return false;
    this.#left = this.#each;
    return true;
  }
}
