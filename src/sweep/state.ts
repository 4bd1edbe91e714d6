import { MOST_KEPT } from '../noise/extractor.js';

/** Indices of its words. */
const STOPPED = 0;
const KEPT = 1;

/** What the threads that sweep one artifact share: whether anybody waits for them, and how many bytes of runs they have handed over. */
export class SweepState {
  /** Plain data for any thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
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
