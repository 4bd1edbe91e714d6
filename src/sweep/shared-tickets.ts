import { MOST_KEPT } from './runs/extractor.js';
import type { Task } from './sweep-task.js';

/**
 * Layout in Int32 words: the stop flag, bytes of runs in
 * all batches, then one ticket for each place in the queue.
 */
const STOPPED = 0;
const RUN_BYTES = 1;
const TICKETS = 2;

/**
 * State shared by the threads that sweep one artifact: stop
 * flag, bytes of runs handed over, and claimed tasks.
 */
export class SharedTickets {
  /** Posted to other threads. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #places: number;

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#places = this.#words.length - TICKETS;
  }

  /** `places`: tasks in the queue at a time. */
  static forTasks(places: number): SharedTickets {
    return new SharedTickets(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (TICKETS + places)));
  }

  /** The tickets of another thread. */
  static from(memory: SharedArrayBuffer): SharedTickets {
    return new SharedTickets(memory);
  }

  /**
   * Issues a ticket at the place of `number` modulo the places: of a running number, or of an earlier ticket.
   * It is greater than all tickets issued there before, so a thread that receives an old task late cannot
   * claim the new one.
   */
  issue(number: number): number {
    const place = number % this.#places;
    const last = Math.abs(Atomics.load(this.#words, TICKETS + place));
    const ticket = (last || place) + this.#places;
    Atomics.store(this.#words, TICKETS + place, ticket);
    return ticket;
  }

  /** True for the first thread that claims the task; always true for a task without a ticket. */
  claim({ ticket }: Pick<Task, 'ticket'>): boolean {
    if (ticket === undefined) return true;
    return (
      Atomics.compareExchange(this.#words, TICKETS + (ticket % this.#places), ticket, -ticket) === ticket
    );
  }

  /** Cancels the tasks under way: threads end their batch after the current chunk. */
  stop(): void {
    Atomics.store(this.#words, STOPPED, 1);
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, STOPPED) !== 0;
  }

  /** The bytes of runs are still below their limit. */
  get keepsRuns(): boolean {
    return Atomics.load(this.#words, RUN_BYTES) < MOST_KEPT;
  }

  /** Counts bytes of runs in a batch. The limit may be exceeded by one task for each thread. */
  addRunBytes(bytes: number): void {
    if (this.keepsRuns) Atomics.add(this.#words, RUN_BYTES, bytes);
  }
}
