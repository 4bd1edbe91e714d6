import { orAborted } from '../core/base/runtime/promises.js';
import type { Feed, HitBatch } from '../sweep/types.js';

/** Approximate bytes that a batch takes in memory. */
export const bytesOf = ({
  offsets,
  runs,
  digits,
  texts,
  values,
  randomRuns,
  census,
  numbers,
  decoded,
}: HitBatch): number =>
  [offsets, runs?.offsets, digits?.offsets, texts?.offsets, values?.offsets, randomRuns?.offsets].reduce(
    (sum, each) => sum + 12 * (each?.length ?? 0),
    0,
  ) + [census, numbers, decoded].reduce((sum, each) => sum + (each?.byteLength ?? 0), 0);

/** Bytes of buffered batches; with more the sweep pauses until its batches are read. */
const MOST_BUFFERED = 16 * 1024 * 1024;

/**
 * Sweeps the bytes of a container while its content is decoded and swept, no faster than the decoder reads
 * them: decoding takes longest and must not share its processor with work that can wait. Batches are buffered
 * until they are read.
 */
export class ContainerSweep implements Feed, AsyncIterable<HitBatch> {
  readonly #length: number;
  readonly #sweep: AsyncGenerator<HitBatch>;
  readonly #buffered: HitBatch[] = [];
  readonly #filled: Promise<void>;
  #isRead = false;
  #wake: () => void = () => {};
  written = 0;
  ended = false;

  /** `begin`: the sweep of all `length` bytes. */
  constructor(length: number, begin: (feed: Feed) => AsyncGenerator<HitBatch>) {
    this.#length = length;
    this.#sweep = begin(this);
    this.#filled = this.#fill();
    // An error is thrown to the reader of the batches.
    this.#filled.catch(() => {});
  }

  /** The decoder has read this many bytes. */
  passed(bytes: number): void {
    if (this.ended) return;
    this.written = Math.min(bytes, this.#length);
    this.#wake();
  }

  /** The decoder reads no more: the rest is swept without waiting. */
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

  /** All batches. Can be read once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<HitBatch> {
    this.end();
    this.#isRead = true;
    try {
      const failed = await this.#filled.then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      for (let batch = this.#buffered.shift(); batch; batch = this.#buffered.shift()) yield batch;
      if (failed) throw failed.error;
      yield* this.#sweep;
    } finally {
      await this.#sweep.return(undefined);
    }
  }

  async #fill(): Promise<void> {
    for (let bytes = 0; !this.#isRead && bytes < MOST_BUFFERED; ) {
      const { done, value } = await this.#sweep.next();
      if (done) return;
      this.#buffered.push(value);
      bytes += bytesOf(value);
    }
  }
}
