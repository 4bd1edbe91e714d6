import type { Storage } from '../base/bytes/storage.js';
import { inTurns } from '../base/runtime/turns.js';
import type { SearchClock } from '../search/core/search-clock.js';
import type { SweepPlan } from '../search/curves/scalars/sweep-plan.js';
import { type PlannedBlock, TrialPlan } from '../search/curves/scalars/trial-plan.js';
import { defineJob } from '../sweep/job.js';
import { kernelName } from '../sweep/kernel-select.js';
import type { SweepPool } from '../sweep/pool.js';
import type { Net } from '../sweep/types.js';
import type { JoinedMemory } from './joined-memory.js';
import type { SecondSweepRange } from './second-sweep-job.js';
import { forgetTrial, job as matchesOf } from './trial-job.js';

/** Tries kept numbers against known public halves, on all threads. */
const TRIAL_JOB = defineJob<typeof import('./trial-job.js')>(
  new URL('./trial-job.js', import.meta.url),
  ({ block }) => [block.numbers.buffer as ArrayBuffer],
);

/** Tries numbers that are not kept, as they are swept once more. */
const SECOND_SWEEP_JOB = defineJob<typeof import('./second-sweep-job.js')>(
  new URL('./second-sweep-job.js', import.meta.url),
);

export interface TrialParts {
  pool: SweepPool;
  joined: JoinedMemory;
  /** The net of the first sweep, and the ranges of the file whose words it aligned differently. */
  net: Net;
  ranges: () => readonly SecondSweepRange[];
}

/** Tries numbers of an artifact as scalars of curves, on all threads. */
export class CurveTrials {
  readonly #parts: TrialParts;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  /** `stored`: without it, numbers that were not kept are not swept again. */
  async run(
    trials: Iterable<TrialPlan | SweepPlan | undefined>,
    stored: Storage | undefined,
    signal: AbortSignal | undefined,
    clock: SearchClock,
  ): Promise<void> {
    try {
      for await (const plan of inTurns(trials, signal))
        if (plan instanceof TrialPlan) await this.#tryKept(plan, signal, clock);
        else if (stored) await this.#sweepAgain(plan, stored, signal, clock);
    } finally {
      forgetTrial();
    }
  }

  async #tryKept(plan: TrialPlan, signal: AbortSignal | undefined, clock: SearchClock): Promise<void> {
    const { identities } = plan;
    const underWay: PlannedBlock[] = [];
    function* inputs() {
      for (const planned of plan.blocks()) {
        underWay.push(planned);
        yield { identities, block: planned.block };
      }
    }
    for await (const { matches, spent } of this.#parts.pool.map(TRIAL_JOB, inputs(), matchesOf)) {
      signal?.throwIfAborted();
      const planned = underWay.shift()!;
      clock.add([[planned.entry.attempt.curve === 'Curve25519' ? 'curve25519' : 'ec-scalars', spent]]);
      plan.take(planned, matches);
    }
  }

  async #sweepAgain(
    plan: SweepPlan,
    storage: Storage,
    signal: AbortSignal | undefined,
    clock: SearchClock,
  ): Promise<void> {
    const { job: sweep, secondSweepTasks } = await import('./second-sweep-job.js');
    const { pool, joined, net, ranges } = this.#parts;
    const { tail } = joined;
    const all = [...ranges(), ...(tail ? [{ from: tail.from, to: tail.length }] : [])];
    const parts = { storage, net, kernel: kernelName(), request: plan.request };
    const tasks = secondSweepTasks(all, parts);
    function* open() {
      for (const task of tasks) if (plan.isOpen()) yield task;
    }
    for await (const { matches, spent } of pool.map(SECOND_SWEEP_JOB, open(), sweep)) {
      signal?.throwIfAborted();
      clock.add([['ec-scalars', spent]]);
      plan.take(matches);
    }
  }
}
