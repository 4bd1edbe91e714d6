import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';

/** Output goes out in blocks of this size: zlib's default of 16 KiB costs twice the time, a turn between two threads for each. */
export const BLOCK = 1024 * 1024;

/** Tells of a slice that it is decoded, or why it is not. */
type Settle = (error?: Error | null) => void;

/**
 * A zlib stream driven by hand, slice by slice. In flowing mode each slice's output is handed out as it comes, so an error or a
 * truncated end loses none of what came before it, and a slice bounds the memory.
 */
export class ZlibStream {
  readonly #stream: Transform & Zlib;
  readonly #pending = new Set<Settle>();
  #output: Uint8Array[] = [];
  #ended = false;

  constructor(stream: Transform & Zlib) {
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array) => this.#output.push(chunk));
    stream.on('end', () => {
      this.#ended = true;
      this.#settleAll();
    });
    stream.on('error', (error) => this.#settleAll(error));
  }

  /** True once the compressed data said that it ends. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes of input that were used. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  /**
   * Rejects where the slice cannot be decoded; {@link take} still has what came out before. The slice's memory is in use until then.
   * A slice that is given before the last one is done is decoded right behind it, while this thread has other work.
   */
  push(slice: Uint8Array): Promise<void> {
    if (slice.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle: Settle = (error) => (error ? reject(error) : resolve());
      this.#pending.add(settle);
      this.#stream.write(slice, (error) => {
        // The end that this slice brought is told after its callback.
        if (this.#pending.delete(settle)) setImmediate(settle, error);
      });
    });
  }

  /** Begins to decode a slice: its content, then the error where there is one. Slices are gone through in the order in which they were begun. */
  decode(slice: Uint8Array): AsyncGenerator<Uint8Array> {
    const outcome = this.push(slice).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    return this.#content(outcome);
  }

  async *#content(outcome: Promise<{ error: unknown } | undefined>): AsyncGenerator<Uint8Array> {
    const failed = await outcome;
    yield* this.take();
    if (failed) throw failed.error;
  }

  /** What was decoded since the last call. */
  take(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  close(): void {
    this.#stream.destroy();
  }

  #settleAll(error?: Error): void {
    for (const settle of this.#pending) settle(error);
    this.#pending.clear();
  }
}
