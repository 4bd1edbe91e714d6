import { MOST_KEPT } from '../runs/extractor.js';
import type { Task } from './task.js';

/** Indices of its words. */
const STOPPED = 0;
const KEPT = 1;
const TICKETS = 2;

/** What the threads that sweep one artifact share: whether anybody waits for them, how many bytes of runs they have handed over, and who has begun which task. */
export class SharedTickets {
  /** Plain data for any thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** How many tasks may wait for a thread at a time. */
  readonly #tickets: number;

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#tickets = this.#words.length - TICKETS;
  }

  static forTasks(most: number): SharedTickets {
    return new SharedTickets(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (TICKETS + most)));
  }

  /** The same in another thread. */
  static from(memory: SharedArrayBuffer): SharedTickets {
    return new SharedTickets(memory);
  }

  /**
   * A new ticket in the place of a number, or of an older ticket, whose task waits no more. A thread that hears late of a task of long ago has an older
   * one of the same place, and takes nothing with it.
   */
  offer(place: number): number {
    const index = place % this.#tickets;
    const last = Math.abs(Atomics.load(this.#words, TICKETS + index));
    const ticket = (last || index) + this.#tickets;
    Atomics.store(this.#words, TICKETS + index, ticket);
    return ticket;
  }

  /** True for the first thread that asks, and where nobody else can: the task is its own. */
  take({ ticket }: Pick<Task, 'ticket'>): boolean {
    if (ticket === undefined) return true;
    return (
      Atomics.compareExchange(this.#words, TICKETS + (ticket % this.#tickets), ticket, -ticket) === ticket
    );
  }

  /** Tasks are wanted no more. */
  stop(): void {
    Atomics.store(this.#words, STOPPED, 1);
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, STOPPED) !== 0;
  }

  /** There is room for more bytes of runs. */
  get keeps(): boolean {
    return Atomics.load(this.#words, KEPT) < MOST_KEPT;
  }

  /** So many bytes are handed over: at most a task's more than there is room for. */
  handOver(bytes: number): void {
    if (this.keeps) Atomics.add(this.#words, KEPT, bytes);
  }
}
