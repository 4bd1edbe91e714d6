import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';

/** Output goes out in blocks of this size: twice as fast as zlib's default of 16 KiB. */
export const BLOCK = 1024 * 1024;

/**
 * A zlib stream driven by hand, one slice of input at a time. In flowing mode each slice's output is handed out before
 * the next goes in, so an error or a truncated end loses none of what came before it, and a slice bounds the memory.
 */
export class Engine {
  readonly #stream: Transform & Zlib;
  #output: Uint8Array[] = [];
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Transform & Zlib) {
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array) => this.#output.push(chunk));
    stream.on('end', () => {
      this.#ended = true;
      this.#wake?.();
    });
    stream.on('error', (error) => {
      this.#error = error;
      this.#wake?.();
    });
  }

  /** True once the compressed data said that it ends. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes of input that were used. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  /** Throws where the slice cannot be decoded; {@link take} still has what came out before. */
  async push(slice: Uint8Array): Promise<void> {
    if (slice.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#stream.write(slice, () => {
        // The end that this slice brought is told after its callback.
        setImmediate(resolve);
      });
    });
    if (this.#error !== undefined) throw this.#error;
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
}
