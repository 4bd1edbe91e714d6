import type { Storage } from '../core/base/bytes/storage.js';
import { inTurns } from '../core/base/runtime/turns.js';
import type { OffsetRange } from '../search/core/run-list.js';
import type { SearchClock } from '../search/core/search-clock.js';
import type { CurvePlan } from '../search/curves/curve-plan.js';
import { MultiplesPlan, type NumberBlock } from '../search/curves/scalars/block-multiples.js';
import type { SweepPlan } from '../search/curves/scalars/sweep-plan.js';
import { TrialPlan } from '../search/curves/scalars/trial-plan.js';
import { defineJob, type Job } from '../sweep/job.js';
import { kernelName } from '../sweep/kernel-select.js';
import type { SweepPool } from '../sweep/pool.js';
import type { Net } from '../sweep/types.js';
import type { JoinedMemory } from './joined-memory.js';
import { job as multiplesOf } from './multiples-job.js';
import { groupsOf, partsOf, type SweptPart } from './second-sweep-parts.js';
import { forgetMultiples, type Timed } from './thread-multiples.js';
import { forgetTrial, job as matchesOf } from './trial-job.js';

const buffersOf = ({ block }: { block: NumberBlock }) => [block.numbers.buffer as ArrayBuffer];

/** Multiplies likely numbers, on all threads. */
const MULTIPLES_JOB = defineJob<typeof import('./multiples-job.js')>(
  new URL('./multiples-job.js', import.meta.url),
  buffersOf,
);

/** Tries kept numbers against known public halves, on all threads. */
const TRIAL_JOB = defineJob<typeof import('./trial-job.js')>(
  new URL('./trial-job.js', import.meta.url),
  buffersOf,
);

/** Tries numbers that are not kept, as they are swept once more. */
const SECOND_SWEEP_JOB = defineJob<typeof import('./second-sweep-job.js')>(
  new URL('./second-sweep-job.js', import.meta.url),
);

/**
 * Tasks of a second sweep. A call of the kernel takes a millisecond even for one number, so that tasks are
 * long; where memory is full of numbers they end after some tenths of a second, and what they leave is for
 * short ones.
 */
const LONG = { bytes: 2 ** 24, most: 2 ** 15 };
const SHORT = { bytes: 2 ** 19, most: Number.POSITIVE_INFINITY };

export interface TrialParts {
  pool: SweepPool;
  joined: JoinedMemory;
  /** The net of the first sweep, and the ranges of the file whose words it aligned differently. */
  net: Net;
  ranges: () => readonly OffsetRange[];
}

/** Work in blocks. The outputs are taken in the order of the blocks. */
interface BlockPlan<Planned, Output> {
  blocks(): Iterable<Planned>;
  take(planned: Planned, output: Output): void;
}

/** How a plan's blocks are worked on: in a worker, and on this thread. */
interface BlockWork<Input, Output> {
  job: Job<Input, Timed<Output>>;
  here(input: Input): Timed<Output>;
}

/** Multiplies numbers of an artifact as scalars of curves, on all threads. */
export class CurveTrials {
  readonly #parts: TrialParts;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  /** `stored`: without it, numbers that were not kept are not swept again. */
  async run(
    plans: Iterable<CurvePlan | undefined>,
    stored: Storage | undefined,
    signal: AbortSignal | undefined,
    clock: SearchClock,
  ): Promise<void> {
    const multiples = { job: MULTIPLES_JOB, here: multiplesOf };
    const trial = { job: TRIAL_JOB, here: matchesOf };
    try {
      for await (const plan of inTurns(plans, signal))
        if (plan instanceof MultiplesPlan)
          await this.#runBlocks(plan, ({ block }) => ({ block }), multiples, signal, clock);
        else if (plan instanceof TrialPlan) {
          const { identities } = plan;
          await this.#runBlocks(plan, ({ block }) => ({ identities, block }), trial, signal, clock);
        } else if (stored) await this.#sweepAgain(plan, stored, signal, clock);
    } finally {
      forgetTrial();
      forgetMultiples();
    }
  }

  async #runBlocks<Planned extends { block: NumberBlock }, Input, Output>(
    plan: BlockPlan<Planned, Output>,
    inputOf: (planned: Planned) => Input,
    { job, here }: BlockWork<Input, Output>,
    signal: AbortSignal | undefined,
    clock: SearchClock,
  ): Promise<void> {
    const underWay: Planned[] = [];
    function* inputs() {
      for (const planned of plan.blocks()) {
        underWay.push(planned);
        yield inputOf(planned);
      }
    }
    for await (const { output, spent } of this.#parts.pool.map(job, inputs(), here)) {
      signal?.throwIfAborted();
      const planned = underWay.shift()!;
      clock.add([[planned.block.attempt.curve === 'Curve25519' ? 'curve25519' : 'ec-scalars', spent]]);
      plan.take(planned, output);
    }
  }

  async #sweepAgain(
    plan: SweepPlan,
    storage: Storage,
    signal: AbortSignal | undefined,
    clock: SearchClock,
  ): Promise<void> {
    const { job: sweep } = await import('./second-sweep-job.js');
    const { pool, joined, net, ranges } = this.#parts;
    const { tail } = joined;
    const all = [...ranges(), ...(tail ? [{ from: tail.from, to: tail.length }] : [])];
    const common = { storage, net, kernel: kernelName(), request: plan.request };
    function* tasks(of: Iterable<SweptPart>, { bytes, most }: typeof LONG) {
      for (const parts of groupsOf(of, bytes)) if (plan.isOpen()) yield { ...common, parts, most };
    }
    const left: SweptPart[] = [];
    for (const [parts, size] of [
      [partsOf(all, plan.ranges), LONG],
      [left, SHORT],
    ] as const)
      for await (const { output, spent } of pool.map(SECOND_SWEEP_JOB, tasks(parts, size), sweep)) {
        signal?.throwIfAborted();
        clock.add([['ec-scalars', spent]]);
        plan.take(output.found);
        left.push(...output.left);
      }
  }
}
