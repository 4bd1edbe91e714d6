import { Worker } from 'node:worker_threads';
import { openStorage, type Storage } from '../core/base/bytes/storage.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { DecodeReport } from './containers/decoding/decoder.js';
import type { ContainerInput } from './decode-to-sink.js';
import type { DecodeAnswer, DecodeRequest } from './decode-worker.js';
import { awaitBytes, consumed, newRing, release, ringStorage, written } from './ring.js';

/** What a thread needs to decode a container. */
export type CodecInput = ContainerInput & Pick<DecodeRequest, 'codec'>;

/** A thread that decodes one container, once. */
export class DecodeThread {
  readonly #worker: Worker;
  readonly #done = new SharedArrayBuffer(16);
  /** Bytes of content, set at the end. */
  length = 0;
  readonly ended: Promise<DecodeReport>;

  constructor(
    { path, storage, limit, expected, codec }: CodecInput,
    into: DecodeRequest['into'],
    onBytes: () => void = () => {},
  ) {
    const request: DecodeRequest = { path, storage, limit, expected, codec, into, done: this.#done };
    this.#worker = new Worker(new URL('./decode-worker.js', import.meta.url), {
      execArgv: [],
      workerData: request,
    });
    this.ended = new Promise((resolve, reject) => {
      const failed = (cause: unknown): void =>
        reject(
          new DumpsieveError(
            { code: 'worker-failed', message: `the thread that decodes ${path} ended early` },
            3,
            cause,
          ),
        );
      this.#worker.on('message', (answer: DecodeAnswer) => {
        if (answer.type === 'end') {
          this.length = answer.length;
          resolve(answer.report);
        } else onBytes();
      });
      this.#worker.on('error', failed);
      this.#worker.on('exit', failed);
    });
    // Awaiting it is optional.
    this.ended.catch(() => {});
  }

  /** Blocks the calling thread until the end. */
  wait(): void {
    Atomics.wait(new Int32Array(this.#done, 0, 1), 0, 0);
    this.length = new Float64Array(this.#done, 8, 1)[0]!;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/**
 * Content while it is decoded, in a ring buffer: bytes can be read from their arrival until their release.
 */
export class DecodingProgress {
  readonly #ring = newRing();
  readonly #thread: DecodeThread;
  #wake: () => void = () => {};
  /** Why its thread ended early. */
  failure: unknown;
  #released = 0;
  readonly storage: Storage = ringStorage(this.#ring);
  readonly #reader = openStorage(this.storage);
  /** Set at the end. */
  report: DecodeReport | undefined;

  constructor(coded: CodecInput) {
    this.#thread = new DecodeThread(coded, { ring: this.#ring }, () => this.#wake());
    this.#thread.ended.then(
      (account) => {
        this.report = account;
        this.#wake();
      },
      (error: unknown) => {
        this.failure = error;
        this.#wake();
      },
    );
  }

  /** Bytes of content decoded so far. */
  get written(): number {
    return written(this.#ring);
  }

  /** Bytes of the container read for these. */
  get consumed(): number {
    return consumed(this.#ring);
  }

  get ended(): boolean {
    return this.report !== undefined;
  }

  /**
   * Resolves once the bytes up to `offset`, or all, are decoded.
   * Throws if the thread fails, or the signal's reason.
   */
  async until(offset: number, signal?: AbortSignal): Promise<void> {
    const abort = (): void => this.#wake();
    signal?.addEventListener('abort', abort);
    try {
      while (!awaitBytes(this.#ring, offset) && !this.ended) {
        signal?.throwIfAborted();
        if (this.failure !== undefined) throw this.failure;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Releases the bytes before `offset`. */
  release(offset: number): void {
    this.#released = offset;
    release(this.#ring, offset);
  }

  /** The bytes of a range in the ring, without a copy; valid until their release. */
  *bytes(from: number, to: number): Generator<Uint8Array> {
    const ring = new Uint8Array(this.#ring.bytes);
    for (let at = from; at < to; ) {
      const start = at % ring.length;
      const count = Math.min(to - at, ring.length - start);
      yield ring.subarray(start, start + count);
      at += count;
    }
  }

  /** Reads as a Reader does; undefined if bytes are released, or not decoded yet. */
  read(offset: number, target: Uint8Array): number | undefined {
    if (offset < this.#released) return undefined;
    const { ended } = this;
    const count = this.#reader.read(offset, target);
    return ended || count === target.length ? count : undefined;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
