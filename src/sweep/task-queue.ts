import type { SharedTickets, Task } from './sweep-task.js';
import type { HitBatch } from './types.js';

/** A task in the queue, with the batch that it will produce. */
class QueuedTask {
  readonly task: Task;
  readonly batch: Promise<HitBatch>;
  /** The task has a batch or has failed. */
  settled = false;
  #resolve!: (batch: HitBatch) => void;
  #reject!: (error: unknown) => void;

  /** `posted`: the batch from a worker; undefined if another thread had claimed the task. */
  constructor(task: Task, posted: Promise<HitBatch | undefined>) {
    this.task = task;
    this.batch = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.batch.catch(() => {});
    posted.then(
      (batch) => batch && this.resolve(batch),
      (error) => this.reject(error),
    );
  }

  resolve(batch: HitBatch): void {
    this.settled = true;
    this.#resolve(batch);
  }

  reject(error: unknown): void {
    this.settled = true;
    this.#reject(error);
  }
}

/** Sweeps a task; undefined if another thread has claimed it. */
export type TaskHandler<T> = (task: Task) => T;

/**
 * The tasks of a sweep that are under way, in file order. Each is posted to a worker at once, and the calling
 * thread may sweep any that is not claimed yet: a ticket in shared memory decides which thread does.
 */
export class TaskQueue {
  readonly #queue: QueuedTask[] = [];
  readonly #tickets: SharedTickets;
  readonly #post: TaskHandler<Promise<HitBatch | undefined>>;
  readonly #sweep: TaskHandler<Promise<HitBatch> | undefined>;
  #pushed = 0;

  /** `post` gives a task to a worker; `sweep` sweeps one on this thread. */
  constructor(
    tickets: SharedTickets,
    post: TaskHandler<Promise<HitBatch | undefined>>,
    sweep: TaskHandler<Promise<HitBatch> | undefined>,
  ) {
    this.#tickets = tickets;
    this.#post = post;
    this.#sweep = sweep;
  }

  get length(): number {
    return this.#queue.length;
  }

  get head(): Pick<QueuedTask, 'task' | 'batch' | 'settled'> | undefined {
    return this.#queue[0];
  }

  /** The queue holds at most as many tasks as there are tickets. */
  push(task: Task): void {
    this.#queue.push(this.#start({ ...task, ticket: this.#tickets.issue(this.#pushed++) }));
  }

  /**
   * Removes the head; if its batch ended at `to`, before the end of the task, the rest becomes the new head.
   */
  shift(to: number): void {
    const { task } = this.#queue[0]!;
    if (to >= task.to) this.#queue.shift();
    else this.#queue[0] = this.#start({ ...task, from: to, ticket: this.#tickets.issue(task.ticket!) });
  }

  #start(task: Task): QueuedTask {
    return new QueuedTask(task, this.#post(task));
  }

  /** Sweeps the first unclaimed task on this thread; false if there is none. */
  async sweepOne(): Promise<boolean> {
    for (const queued of this.#queue) {
      if (queued.settled) continue;
      try {
        const batch = this.#sweep(queued.task);
        if (batch === undefined) continue;
        queued.resolve(await batch);
      } catch (error) {
        queued.reject(error);
      }
      return true;
    }
    return false;
  }

  /** Cancels the queue; resolves when no thread works on one of its tasks. */
  async stop(): Promise<void> {
    this.#tickets.stop();
    // Claim what is unclaimed; what remains is being swept now.
    const claimed = this.#queue.filter(({ settled, task }) => !settled && !this.#tickets.claim(task));
    await Promise.allSettled(claimed.map(({ batch }) => batch));
  }
}
