import { Worker } from 'node:worker_threads';
import { openStorage, type Storage } from '../base/bytes/storage.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { ContainerInput } from './decode-to-sink.js';
import type { DecodeAnswer, DecodeRequest } from './decode-worker.js';
import type { DecodeReport } from './decoder.js';
import { awaitBytes, newRing, consumed, release, ringStorage, written } from './ring.js';

/** A container's stored bytes and its codec: what a thread needs to decode it. */
export type CodecInput = ContainerInput & Pick<DecodeRequest, 'codec'>;

/** A thread that decodes one container once. */
export class DecodeThread {
  readonly #worker: Worker;
  readonly #done = new SharedArrayBuffer(16);
  /** Bytes of content, once it has ended. */
  length = 0;
  /** What the decoder had to say at the end. */
  readonly ended: Promise<DecodeReport>;

  constructor(
    { path, storage, limit, codec }: CodecInput,
    into: DecodeRequest['into'],
    onBytes: () => void = () => {},
  ) {
    const order: DecodeRequest = { path, storage, limit, codec, into, done: this.#done };
    this.#worker = new Worker(new URL('./decode-worker.js', import.meta.url), {
      execArgv: [],
      workerData: order,
    });
    this.ended = new Promise((resolve, reject) => {
      const failed = (cause: unknown): void =>
        reject(
          new DumpsieveError(
            { code: 'worker-failed', message: `the thread that decodes ${path} ended before its time` },
            3,
            cause,
          ),
        );
      this.#worker.on('message', (answer: DecodeAnswer) => {
        if (answer.type === 'end') {
          this.length = answer.length;
          resolve(answer.account);
        } else onBytes();
      });
      this.#worker.on('error', failed);
      this.#worker.on('exit', failed);
    });
    // Whoever waits for it hears of a failure; nobody has to.
    this.ended.catch(() => {});
  }

  /** Waits for the end with this whole thread. */
  wait(): void {
    Atomics.wait(new Int32Array(this.#done, 0, 1), 0, 0);
    this.length = new Float64Array(this.#done, 8, 1)[0]!;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Content as it is decoded, through a ring: its bytes are there from when they come until they are released. */
export class DecodingProgress {
  readonly #ring = newRing();
  readonly #thread: DecodeThread;
  #wake: () => void = () => {};
  /** Why its thread ended before its time. */
  failure: unknown;
  #released = 0;
  readonly storage: Storage = ringStorage(this.#ring);
  readonly #reader = openStorage(this.storage);
  /** Set at the end. */
  account: DecodeReport | undefined;

  constructor(coded: CodecInput) {
    this.#thread = new DecodeThread(coded, { ring: this.#ring }, () => this.#wake());
    this.#thread.ended.then(
      (account) => {
        this.account = account;
        this.#wake();
      },
      (error: unknown) => {
        this.failure = error;
        this.#wake();
      },
    );
  }

  /** Bytes that have come. */
  get written(): number {
    return written(this.#ring);
  }

  /** Bytes of the container that were gone through for these. */
  get passed(): number {
    return consumed(this.#ring);
  }

  get ended(): boolean {
    return this.account !== undefined;
  }

  /** Resolves when bytes up to `offset` have come, or all; throws where the thread fails, or the signal's reason. */
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

  /** Bytes before `offset` are not read any more. */
  release(offset: number): void {
    this.#released = offset;
    release(this.#ring, offset);
  }

  /** What is at hand of a range, without a copy: valid until it is released. */
  *bytes(from: number, to: number): Generator<Uint8Array> {
    const ring = new Uint8Array(this.#ring.bytes);
    for (let at = from; at < to; ) {
      const start = at % ring.length;
      const count = Math.min(to - at, ring.length - start);
      yield ring.subarray(start, start + count);
      at += count;
    }
  }

  /** As a Reader does it; undefined where bytes are released, or have not come. */
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
