import { type Pausing, Turns } from '../core/base/runtime/turns.js';
import type { HitBatch } from './types.js';

/** The sweep of a task on this thread, in slices. */
class PausedSweep {
  readonly #steps: Pausing<never, HitBatch>;
  #ended: { batch: HitBatch } | { error: unknown } | undefined;

  constructor(steps: Pausing<never, HitBatch>) {
    this.#steps = steps;
  }

  /** True at the end. */
  step(): boolean {
    if (this.#ended !== undefined) return true;
    try {
      const { done, value } = this.#steps.next();
      if (done) this.#ended = { batch: value as HitBatch };
    } catch (error) {
      this.#ended = { error };
    }
    return this.#ended !== undefined;
  }

  get batch(): HitBatch {
    const ended = this.#ended!;
    if ('error' in ended) throw ended.error;
    return ended.batch;
  }
}

/** Kernels, their windows and the lists of hits are its own. */
let paused: PausedSweep | undefined;

/** To be called before a kernel is used: ends a sweep that has paused. */
export function finishPausedSweep(): void {
  const sweep = paused;
  paused = undefined;
  while (sweep?.step() === false);
}

/** The batch of a task. Timers and signals run meanwhile, and other sweeps of this thread may. */
export async function sweepInTurns(steps: Pausing<never, HitBatch>): Promise<HitBatch> {
  const sweep = new PausedSweep(steps);
  const turns = new Turns();
  while (!sweep.step())
    if (turns.isDue) {
      paused = sweep;
      await turns.take();
    }
  if (paused === sweep) paused = undefined;
  return sweep.batch;
}
