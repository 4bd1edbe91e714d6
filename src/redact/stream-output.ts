import { openStorage } from '../core/base/bytes/storage.js';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';
import type { KeptFiles } from '../core/base/runtime/kept-files.js';
import { type FileId, fileOf } from '../core/base/runtime/own-files.js';
import { Spool } from '../source/spool.js';
import type { SpoolContext } from '../source/stored-bytes.js';
import type { CopyOutput, Written } from './copy-output.js';
import { CHUNK } from './file-digest.js';

const ZEROS = new Uint8Array(CHUNK);

/**
 * A copy for a stream: in a sealed spool until it is proven. What the stream has taken cannot be taken away
 * again.
 */
export class StreamOutput implements CopyOutput {
  readonly #stream: NodeJS.WritableStream;
  readonly #spool: Spool;
  readonly #signal: AbortSignal | undefined;

  constructor(stream: NodeJS.WritableStream, { budget, spoolDir, signal }: SpoolContext) {
    this.#stream = stream;
    this.#spool = new Spool(budget, spoolDir);
    this.#signal = signal;
  }

  /** Throws (exit 3) if the stream leads to a file that is kept; then it is kept itself. */
  static keep(stream: NodeJS.WritableStream, kept: KeptFiles): void {
    const file = fileBehind(stream);
    const use = file && kept.useOf(file);
    if (use !== undefined)
      throw new DumpsieveError({
        code: use.code,
        message: `standard output is ${use.what}`,
        hint: 'what is read is never changed: name another file',
      });
    kept.add(file, 'where the copy goes', 'output-is-output');
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    await this.setLength(offset);
    await this.#spool.write(bytes);
  }

  async setLength(length: number): Promise<void> {
    while (this.#spool.length < length)
      await this.#spool.write(ZEROS.subarray(0, Math.min(CHUNK, length - this.#spool.length)));
  }

  sync(): void {}

  async readBack(): Promise<Written> {
    return { storage: this.#spool.storage(), close() {} };
  }

  async publish(): Promise<void> {
    // An error comes to the callback of a write, and once more as an event, after that.
    const ignore = (): void => {};
    this.#stream.on('error', ignore);
    const reader = openStorage(this.#spool.storage());
    for (let at = 0; at < reader.length; at += CHUNK) {
      this.#signal?.throwIfAborted();
      // A new one each time: the stream may keep it.
      const bytes = new Uint8Array(Math.min(CHUNK, reader.length - at));
      reader.read(at, bytes);
      await this.#send(bytes);
    }
    this.#stream.off('error', ignore);
  }

  unpublish(): void {}

  discard(): void {
    this.#spool.close();
  }

  #send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(notSent(error)) : resolve()));
    });
  }
}

const fileBehind = (stream: NodeJS.WritableStream): FileId | undefined =>
  'fd' in stream && typeof stream.fd === 'number' ? fileOf(stream.fd) : undefined;

function notSent(error: unknown): DumpsieveError {
  const message = `the copy cannot be written to standard output (${reasonOf(error)})`;
  const hint = 'what has arrived of it is not whole, and no copy';
  return new DumpsieveError({ code: 'output-not-written', message, hint }, 3, error);
}
