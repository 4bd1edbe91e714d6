import type { SharedTickets } from './shared-tickets.js';
import type { Task } from './task.js';
import type { HitBatch } from './types.js';

/** A task under way. */
class Place {
  readonly task: Task;
  /** What it gives, whoever sweeps it. */
  readonly batch: Promise<HitBatch>;
  /** It waits for nobody any more. */
  ended = false;
  #resolve!: (batch: HitBatch) => void;
  #reject!: (error: unknown) => void;

  /** `given`: its batch from another thread, or undefined where that came too late. */
  constructor(task: Task, given: Promise<HitBatch | undefined>) {
    this.task = task;
    this.batch = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.batch.catch(() => {});
    given.then(
      (batch) => batch && this.end(batch),
      (error) => this.fail(error),
    );
  }

  end(batch: HitBatch): void {
    this.ended = true;
    this.#resolve(batch);
  }

  fail(error: unknown): void {
    this.ended = true;
    this.#reject(error);
  }
}

/** A sweep of a task: undefined where another thread has begun with it. */
export type Sweep<T> = (task: Task) => T;

/**
 * The tasks of a sweep that are under way, in file order. Each is given to another thread at once; this one may take any that nobody has begun: a
 * ticket in shared memory says who came first.
 */
export class TaskQueue {
  readonly #places: Place[] = [];
  readonly #state: SharedTickets;
  readonly #give: Sweep<Promise<HitBatch | undefined>>;
  readonly #here: Sweep<HitBatch | undefined>;
  #pushed = 0;

  constructor(
    state: SharedTickets,
    give: Sweep<Promise<HitBatch | undefined>>,
    here: Sweep<HitBatch | undefined>,
  ) {
    this.#state = state;
    this.#give = give;
    this.#here = here;
  }

  get length(): number {
    return this.#places.length;
  }

  get head(): Pick<Place, 'task' | 'batch' | 'ended'> | undefined {
    return this.#places[0];
  }

  /** At most as many as the state has tickets for at a time. */
  push(task: Task): void {
    this.#places.push(this.#begin({ ...task, ticket: this.#state.offer(this.#pushed++) }));
  }

  /** Takes the first task off; where its batch ended at `to`, before the task, the rest comes in its place. */
  shift(to: number): void {
    const { task } = this.#places[0]!;
    if (to >= task.to) this.#places.shift();
    else this.#places[0] = this.#begin({ ...task, from: to, ticket: this.#state.offer(task.ticket!) });
  }

  #begin(task: Task): Place {
    return new Place(task, this.#give(task));
  }

  /** This thread sweeps the first task that nobody has begun; false where there is none. */
  help(): boolean {
    for (const place of this.#places) {
      if (place.ended) continue;
      try {
        const batch = this.#here(place.task);
        if (batch === undefined) continue;
        place.end(batch);
      } catch (error) {
        place.fail(error);
      }
      return true;
    }
    return false;
  }

  /** Nothing of it is wanted any more: resolves when no thread is at work on it. */
  async stop(): Promise<void> {
    this.#state.stop();
    const begun = this.#places.filter(({ ended, task }) => !ended && !this.#state.take(task));
    await Promise.allSettled(begun.map(({ batch }) => batch));
  }
}
