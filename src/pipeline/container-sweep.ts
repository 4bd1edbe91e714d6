import { orAborted } from '../base/runtime/promises.js';
import type { Feed, HitBatch } from '../sweep/types.js';

/** Bytes that a batch takes in memory, about. */
export const bytesOf = ({ offsets, runs, digits, texts, numbers }: HitBatch): number =>
  [offsets, runs?.offsets, digits?.offsets, texts?.offsets].reduce(
    (sum, each) => sum + 12 * (each?.length ?? 0),
    0,
  ) + (numbers?.byteLength ?? 0);

/** Bytes of batches that wait; a sweep that has more pauses until they are asked for. */
const MOST_WAITING = 16 * 1024 * 1024;

/**
 * The sweep of a container's own bytes beside that of its content, no faster than the content's decoder goes through them: decoding
 * is what takes longest, and gives up no processor for what can wait. Its batches wait until somebody asks for them.
 */
export class ContainerSweep implements Feed, AsyncIterable<HitBatch> {
  readonly #length: number;
  readonly #sweep: AsyncGenerator<HitBatch>;
  readonly #waiting: HitBatch[] = [];
  readonly #filled: Promise<void>;
  #asked = false;
  #wake: () => void = () => {};
  written = 0;
  ended = false;

  /** `begin`: the sweep of all `length` bytes. */
  constructor(length: number, begin: (feed: Feed) => AsyncGenerator<HitBatch>) {
    this.#length = length;
    this.#sweep = begin(this);
    this.#filled = this.#fill();
    // Whoever asks for batches hears of it.
    this.#filled.catch(() => {});
  }

  /** The decoder has gone through so many bytes. */
  passed(bytes: number): void {
    if (this.ended) return;
    this.written = Math.min(bytes, this.#length);
    this.#wake();
  }

  /** It goes through no more: the rest is swept at once. */
  end(): void {
    this.written = this.#length;
    this.ended = true;
    this.#wake();
  }

  async until(offset: number, signal?: AbortSignal): Promise<void> {
    while (!this.ended && this.written < offset) {
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      signal?.throwIfAborted();
      await orAborted(more, signal);
    }
  }

  /** All of them, once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<HitBatch> {
    this.end();
    this.#asked = true;
    try {
      const failed = await this.#filled.then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      for (let batch = this.#waiting.shift(); batch; batch = this.#waiting.shift()) yield batch;
      if (failed) throw failed.error;
      yield* this.#sweep;
    } finally {
      await this.#sweep.return(undefined);
    }
  }

  async #fill(): Promise<void> {
    for (let bytes = 0; !this.#asked && bytes < MOST_WAITING; ) {
      const { done, value } = await this.#sweep.next();
      if (done) return;
      this.#waiting.push(value);
      bytes += bytesOf(value);
    }
  }
}
