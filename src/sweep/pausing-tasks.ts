import type { Pausing } from '../core/base/runtime/turns.js';
import type { Job } from './job.js';
import type { SweepPool } from './pool.js';

/** Tasks of the pool, for a computation in slices: it pauses until the output of one is there. */
export class PausingTasks {
  readonly #pool: Pick<SweepPool, 'map'>;
  #pending: Promise<void> | undefined;

  constructor(pool: Pick<SweepPool, 'map'>) {
    this.#pool = pool;
  }

  /** Set in a pause that lasts until it resolves. It rejects if a task fails. */
  get pending(): Promise<void> | undefined {
    return this.#pending;
  }

  /** See {@link SweepPool.map}. */
  *map<Input, Output>(
    job: Job<Input, Output>,
    inputs: Iterator<Input>,
    here: (input: Input) => Output,
  ): Pausing<Output> {
    const outputs = this.#pool.map(job, inputs, here);
    try {
      for (;;) {
        let next: IteratorResult<Output> | undefined;
        this.#pending = outputs.next().then((result) => {
          next = result;
        });
        while (next === undefined) yield;
        this.#pending = undefined;
        const { done, value } = next as IteratorResult<Output>;
        if (done) return;
        yield value;
      }
    } finally {
      this.#pending = undefined;
      outputs.return(undefined).catch(() => {});
    }
  }
}
