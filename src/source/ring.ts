import type { Storage } from '../base/bytes/storage.js';
import type { OutputBuffer } from './decoder.js';

/** Bytes of a ring: some tasks of the sweep, and room for a chunk that is decoded meanwhile. */
const SIZE = 24 * 1024 * 1024;

/** So much of a ring is lent at once: with as much that is not written yet, less than the sweep leaves free. */
const LENT = 1 / 6;

/**
 * Indices of the state: bytes written so far, bytes that may be written over, how many must be written until somebody is told, and
 * how far the source of what was written has been read.
 */
const WRITTEN = 0;
const RELEASED = 1;
const AWAITED = 2;
const CONSUMED = 3;

/** A ring's memory, as it is posted to the thread that writes it. */
export interface RingMemory {
  bytes: SharedArrayBuffer;
  state: BigInt64Array<SharedArrayBuffer>;
}

export const newRing = (size = SIZE): RingMemory => ({
  bytes: new SharedArrayBuffer(size),
  state: new BigInt64Array(new SharedArrayBuffer(4 * 8)),
});

/** What a ring's readers open. They must not ask for more than has come. */
export const ringStorage = ({ bytes, state }: RingMemory): Storage => ({
  kind: 'ring',
  bytes,
  written: state,
  length: Number.MAX_SAFE_INTEGER,
});

export const written = ({ state }: RingMemory): number => Number(Atomics.load(state, WRITTEN));

/** Bytes of the container that the decoder has gone through. */
export const consumed = ({ state }: RingMemory): number => Number(Atomics.load(state, CONSUMED));

/** True where bytes up to `offset` have come; if not, the writer tells when they have. */
export function awaitBytes(ring: RingMemory, offset: number): boolean {
  // In this order: what is written in between is seen here or there.
  Atomics.store(ring.state, AWAITED, BigInt(offset));
  return written(ring) >= offset;
}

/** Bytes before `offset` are not needed any more. */
export function release({ state }: RingMemory, offset: number): void {
  Atomics.store(state, RELEASED, BigInt(offset));
  Atomics.notify(state, RELEASED);
}

/** Writes a stream into a ring. It waits for room with its whole thread, so it has one of its own. */
export class RingWriter {
  readonly #ring: Uint8Array;
  readonly #state: RingMemory['state'];
  readonly #told: () => void;
  /** Bytes that are written, or lie in lent memory and are written next. */
  #filled = 0;
  length = 0;
  readonly buffer: OutputBuffer = {
    reserve: () => {
      const { length } = this.#ring;
      const at = this.#filled % length;
      const most = Math.min(Math.ceil(length * LENT), length - at, this.#room(this.#filled));
      return this.#ring.subarray(at, at + most);
    },
    commit: (count) => {
      this.#filled += count;
    },
  };

  /** `told` hears that the bytes have come that somebody waits for. */
  constructor({ bytes, state }: RingMemory, told: () => void) {
    this.#ring = new Uint8Array(bytes);
    this.#state = state;
    this.#told = told;
  }

  write(chunk: Uint8Array, passed = 0): void {
    Atomics.store(this.#state, CONSUMED, BigInt(passed));
    if (chunk.buffer === this.#ring.buffer) {
      this.#advance(chunk.length);
      return;
    }
    for (let done = 0; done < chunk.length; ) {
      const at = this.length % this.#ring.length;
      const count = Math.min(chunk.length - done, this.#ring.length - at, this.#room(this.length));
      this.#ring.set(chunk.subarray(done, done + count), at);
      done += count;
      this.#advance(count);
    }
    this.#filled = this.length;
  }

  #advance(count: number): void {
    this.length += count;
    Atomics.store(this.#state, WRITTEN, BigInt(this.length));
    this.#tell();
  }

  #tell(): void {
    const awaited = Atomics.load(this.#state, AWAITED);
    if (awaited === 0n || this.length < awaited) return;
    // Unless somebody waits for more by now.
    Atomics.compareExchange(this.#state, AWAITED, awaited, 0n);
    this.#told();
  }

  /** Bytes that can be written from `offset` on now; at least one. */
  #room(offset: number): number {
    for (;;) {
      const released = Atomics.load(this.#state, RELEASED);
      const room = Number(released) + this.#ring.length - offset;
      if (room > 0) return room;
      Atomics.wait(this.#state, RELEASED, released);
    }
  }
}
