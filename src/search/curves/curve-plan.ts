import type { Pausing } from '../../core/base/runtime/turns.js';
import type { NumberKernel } from '../core/kernel.js';
import type { MultiplesPlan } from './scalars/block-multiples.js';
import { SweepPlan } from './scalars/sweep-plan.js';
import type { TrialPlan } from './scalars/trial-plan.js';

/** Work on curves that all threads share. */
export type CurvePlan = MultiplesPlan | TrialPlan | SweepPlan;

/** Completes each plan of a search in this thread. */
export function* completePlans<Result>(
  search: Pausing<CurvePlan, Result>,
  kernel: NumberKernel,
): Pausing<never, Result> {
  for (;;) {
    const { value, done } = search.next();
    if (done) return value;
    if (value === undefined) yield;
    // Without the bytes of the artifact nothing is swept again.
    else if (!(value instanceof SweepPlan)) yield* value.run(kernel);
  }
}
