import type { Storage } from '../core/base/bytes/storage.js';
import type { OutputBuffer } from './containers/decoding/decoder.js';

/** Bytes of a ring buffer: several tasks of the sweep, and a chunk that is decoded meanwhile. */
const SIZE = 24 * 1024 * 1024;

/** Upper bound on a reservation, as a share of the ring: twice that is less than the sweep leaves free. */
const RESERVATION = 1 / 6;

/**
 * Indices of the state: bytes written, bytes released for overwriting, the number of written bytes that a
 * reader awaits, and bytes of the container consumed for those written.
 */
const WRITTEN = 0;
const RELEASED = 1;
const AWAITED = 2;
const CONSUMED = 3;

/** A ring's memory, posted to the thread that writes it. */
export interface RingMemory {
  bytes: SharedArrayBuffer;
  state: BigInt64Array<SharedArrayBuffer>;
}

export const newRing = (size = SIZE): RingMemory => ({
  bytes: new SharedArrayBuffer(size),
  state: new BigInt64Array(new SharedArrayBuffer(4 * 8)),
});

/** The ring for readers, which must read only bytes that are written and not released. */
export const ringStorage = ({ bytes, state }: RingMemory): Storage => ({
  kind: 'ring',
  bytes,
  written: state,
  length: Number.MAX_SAFE_INTEGER,
});

export const written = ({ state }: RingMemory): number => Number(Atomics.load(state, WRITTEN));

/** Bytes of the container that the decoder has read. */
export const consumed = ({ state }: RingMemory): number => Number(Atomics.load(state, CONSUMED));

/** True if the bytes up to `offset` are written; else the writer calls back once they are. */
export function awaitBytes(ring: RingMemory, offset: number): boolean {
  // In this order, so that a write in between is noticed by the writer or here.
  Atomics.store(ring.state, AWAITED, BigInt(offset));
  return written(ring) >= offset;
}

/** Releases the bytes before `offset` for overwriting. */
export function release({ state }: RingMemory, offset: number): void {
  Atomics.store(state, RELEASED, BigInt(offset));
  Atomics.notify(state, RELEASED);
}

/** Writes a stream into a ring. It blocks while the ring is full, so it needs its own thread. */
export class RingWriter {
  readonly #ring: Uint8Array;
  readonly #state: RingMemory['state'];
  readonly #onAwaited: () => void;
  /** Bytes written, and committed ones that are written next. */
  #committed = 0;
  length = 0;
  readonly buffer: OutputBuffer = {
    reserve: () => {
      const { length } = this.#ring;
      const at = this.#committed % length;
      const most = Math.min(Math.ceil(length * RESERVATION), length - at, this.#room(this.#committed));
      return this.#ring.subarray(at, at + most);
    },
    commit: (count) => {
      this.#committed += count;
    },
  };

  /** `onAwaited` is called once the awaited bytes are written. */
  constructor({ bytes, state }: RingMemory, onAwaited: () => void) {
    this.#ring = new Uint8Array(bytes);
    this.#state = state;
    this.#onAwaited = onAwaited;
  }

  write(chunk: Uint8Array, consumed = 0): void {
    Atomics.store(this.#state, CONSUMED, BigInt(consumed));
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
    this.#committed = this.length;
  }

  #advance(count: number): void {
    this.length += count;
    Atomics.store(this.#state, WRITTEN, BigInt(this.length));
    this.#notify();
  }

  #notify(): void {
    const awaited = Atomics.load(this.#state, AWAITED);
    if (awaited === 0n || this.length < awaited) return;
    // Unless the reader awaits more by now.
    Atomics.compareExchange(this.#state, AWAITED, awaited, 0n);
    this.#onAwaited();
  }

  /** Bytes that can be written at `offset`, at least one; blocks until there are. */
  #room(offset: number): number {
    for (;;) {
      const released = Atomics.load(this.#state, RELEASED);
      const room = Number(released) + this.#ring.length - offset;
      if (room > 0) return room;
      Atomics.wait(this.#state, RELEASED, released);
    }
  }
}
