import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';

/**
 * Bytes of an output chunk. zlib's default of 16 KiB takes
 * twice as long: each chunk costs a switch between threads.
 */
export const BLOCK = 1024 * 1024;

/** Settles a slice: it is decoded, or has failed. */
type Settle = (error?: Error | null) => void;

/**
 * A zlib stream fed slice by slice. In flowing mode the output of a slice is available as it is decoded, so
 * an error or a truncated end loses none of the output before it, and the slice bounds the memory.
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

  /** True after the end of the compressed data. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes of input consumed. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  /**
   * Rejects if the slice cannot be decoded; {@link take} still returns the output before the error. The
   * memory of the slice is in use until then. A slice pushed before the last one is settled is decoded
   * directly after it, in parallel with this thread.
   */
  push(slice: Uint8Array): Promise<void> {
    if (slice.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle: Settle = (error) => (error ? reject(error) : resolve());
      this.#pending.add(settle);
      this.#stream.write(slice, (error) => {
        // The stream emits the end of the data after this callback.
        if (this.#pending.delete(settle)) setImmediate(settle, error);
      });
    });
  }

  /**
   * Starts decoding a slice: yields its content, then throws
   * its error. Slices are decoded in the order of these calls.
   */
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

  /** The output since the last call. */
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
