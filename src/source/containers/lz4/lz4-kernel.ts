import type { OutputBuffer } from '../decoding/decoder.js';
import { type BlockOutcome, newKernel, OUTCOMES } from '../decoding/kernel.js';

interface Program {
  output(): number;
  decode(from: number, end: number, low: number, limit: number): number;
  stored(from: number, length: number): void;
  keep(low: number): number;
  begin(hash: number): void;
  update(hash: number, at: number, length: number): void;
  digest(hash: number, long: number): number;
}

/** Memory layout, as in lz4.as.ts. */
const CONTENT_HASH = 1024;
const BLOCK_HASH = 2048;
const OUT = 0x20000;
const PAGE = 0x10000;
/** Bytes read and overwritten after the end. */
const OVERRUN = 64;

/** Bytes of one part of the content. */
const PART = 1024 * 1024;

/** The LZ4 block decoder in WebAssembly, with the history of linked blocks, and the hashes of a frame. */
export class Lz4Kernel {
  readonly #memory = new WebAssembly.Memory({ initial: OUT / PAGE });
  readonly #call = newKernel<Program>('lz4', this.#memory);
  /** Bytes of content that a block may have. */
  #most = 0;
  #linked = false;
  /** Where the history begins, and the address of the input. */
  #low = OUT;
  #in = OUT;
  #inLength = 0;
  #length = 0;

  /** Begins a frame. `most`: bytes of content that a block may have. */
  begin(most: number, linked: boolean): void {
    this.#most = most;
    this.#linked = linked;
    this.#low = OUT;
    this.#in = OUT + most + OVERRUN;
    this.#inLength = 0;
    this.#length = 0;
    this.#call.begin(CONTENT_HASH);
  }

  /** Begins the input of a block of a length in bytes. */
  expect(length: number): void {
    this.#inLength = 0;
    const missing = this.#in + length + OVERRUN - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }

  /** Adds to the input of a block. */
  add(bytes: Uint8Array): void {
    new Uint8Array(this.#memory.buffer).set(bytes, this.#in + this.#inLength);
    this.#inLength += bytes.length;
  }

  /** Decodes the input. */
  decode(): BlockOutcome {
    const end = this.#in + this.#inLength;
    return OUTCOMES[this.#call.decode(this.#in, end, this.#low, OUT + this.#most)]!;
  }

  /** The input is the content. */
  store(): void {
    this.#call.stored(this.#in, this.#inLength);
  }

  /** XXH32 of the input. */
  inputHash(): number {
    this.#call.begin(BLOCK_HASH);
    this.#call.update(BLOCK_HASH, this.#in, this.#inLength);
    return this.#call.digest(BLOCK_HASH, this.#inLength >= 16 ? 1 : 0) >>> 0;
  }

  /** XXH32 of the frame's content that {@link content} has yielded. */
  contentHash(): number {
    return this.#call.digest(CONTENT_HASH, this.#length >= 16 ? 1 : 0) >>> 0;
  }

  /** Yields the content of the block, as a copy or in a buffer, and makes it the history of the next. */
  *content(hashed: boolean, buffer: OutputBuffer | undefined): Generator<Uint8Array> {
    const end = this.#call.output();
    if (hashed) this.#call.update(CONTENT_HASH, OUT, end - OUT);
    this.#length += end - OUT;
    for (let at = OUT; at < end; ) {
      const room = buffer?.reserve();
      const bytes = new Uint8Array(this.#memory.buffer, at, Math.min(end - at, room?.length ?? PART));
      at += bytes.length;
      if (room === undefined) yield bytes.slice();
      else {
        room.set(bytes);
        buffer?.commit(bytes.length);
        yield room.subarray(0, bytes.length);
      }
    }
    if (this.#linked) this.#low = this.#call.keep(this.#low);
  }
}
