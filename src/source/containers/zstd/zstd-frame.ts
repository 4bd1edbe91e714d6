import type { Transform } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Zlib } from 'node:zlib';
import zlib from 'node:zlib';
import type { Decompress } from 'fzstd';
import { DumpsieveError } from '../../../core/base/runtime/errors.js';
import { lazy } from '../../../core/base/runtime/lazy.js';
import type { OutputBuffer } from '../decoding/decoder.js';
import { hasSyncCalls, type SyncStream } from '../decoding/sync-calls.js';
import { BLOCK, ZlibStream } from '../decoding/zlib-stream.js';
import { Xxh64 } from './xxh64.js';

/** Largest window in bytes: that of `zstd --long=27`, the most that zstd accepts by default. */
export const ZSTD_WINDOW = 128 * 1024 * 1024;

/** Decodes one frame, given in pieces of whole blocks; the `last` piece is the checksum, or empty. */
export interface FrameDecoder {
  /**
   * Yields the content of a piece, then throws if the piece cannot be decoded or the checksum does not match.
   * The next piece may be given before this content is read.
   */
  decode(piece: Uint8Array, last?: boolean): AsyncIterable<Uint8Array>;
  close(): void;
}

/** `window`: Window_Size of the frame in bytes. */
export type NewDecoder = (window: number, buffer?: OutputBuffer) => FrameDecoder;

/** Size of a stream's own output chunk, which is not used with an output buffer. */
const UNUSED = 1024;

/**
 * zlib's decoder, in Node 22.15 and later (the types are those of Node 20). It verifies the checksum itself.
 */
export function nativeDecoder(): NewDecoder | undefined {
  const { createZstdDecompress } = zlib as typeof zlib & {
    createZstdDecompress?: (options: { chunkSize: number }) => Transform & zlib.Zlib;
  };
  if (createZstdDecompress === undefined) return undefined;
  return (_window, buffer) =>
    (buffer && SyncZlib.of(createZstdDecompress({ chunkSize: UNUSED }), buffer)) ??
    new ZlibStream(createZstdDecompress({ chunkSize: 4 * BLOCK }));
}

/**
 * fzstd moves its whole window for each block: a frame of tiny blocks with a huge window would take hours.
 * Bytes moved for each byte of output: the worst of an ordinary encoder (128 MiB window, 128 KiB blocks) ...
 */
const MOVES_PER_BYTE = 1024;
/** ... and bytes granted in advance: about one second of work. */
const MOVES_GRANTED = 8 * 1024 ** 3;

/**
 * A hostile block can state sequences that copy billions of bytes beyond its end, and fzstd processes them
 * all. That cannot be counted from outside, so a clock decides: microseconds of processor time for one block
 * of at most 128 KiB, which normally takes about 1,000. The time is that of the process: other threads have
 * little to do meanwhile, since those that sweep wait for this one.
 */
const BLOCK_TIME = 5_000_000;

/**
 * The sum: the kernel accounts it to the microsecond, and
 * splits it into user and system time by sampling only.
 */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const fzstd = lazy((require) => require('fzstd') as typeof import('fzstd'));

class Fallback implements FrameDecoder {
  readonly #window: number;
  readonly #blockTime: number;
  readonly #sum = new Xxh64();
  readonly #output: Uint8Array[] = [];
  #bytesMoved = 0;
  #decoded = 0;
  #lastTime = 0;
  readonly #decoder: Decompress = new (fzstd().Decompress)((block) => this.#addBlock(block));

  constructor(window: number, blockTime: number) {
    this.#window = window;
    this.#blockTime = blockTime;
  }

  #addBlock(block: Uint8Array): void {
    this.#bytesMoved += this.#window;
    this.#decoded += block.length;
    const now = processorTime();
    const isLate = now - this.#lastTime > this.#blockTime;
    this.#lastTime = now;
    if (isLate || this.#bytesMoved > MOVES_GRANTED + this.#decoded * MOVES_PER_BYTE) {
      throw new DumpsieveError({
        code: 'zstd-too-slow',
        message: `zstd blocks take too long to decode: stopped after ${this.#decoded} bytes of the frame`,
        hint: 'run dumpsieve on Node 22.15 or newer, or decode it outside: zstd -dc FILE | dumpsieve scan -',
      });
    }
    if (block.length === 0) return;
    this.#sum.update(block);
    this.#output.push(block);
  }

  async *decode(piece: Uint8Array, last = false): AsyncGenerator<Uint8Array> {
    // Decoding blocks this thread: signals and other work run between pieces.
    await immediate();
    this.#lastTime = processorTime();
    let failed: { error: unknown } | undefined;
    try {
      this.#decoder.push(piece, last);
    } catch (error) {
      failed = { error };
    }
    yield* this.#output.splice(0);
    if (failed) throw failed.error;
    if (!last || piece.length === 0) return;
    const stored = Buffer.from(piece).readUInt32LE(0);
    if (BigInt.asUintN(32, this.#sum.digest()) !== BigInt(stored)) throw new Error('checksum');
  }

  close(): void {
    this.#output.length = 0;
  }
}

/** fzstd, in any version of Node. `blockTime`: microseconds of processor time for one block. */
export const fallbackWithin =
  (blockTime: number): NewDecoder =>
  (window) =>
    new Fallback(window, blockTime);

export const zstdFallback = fallbackWithin(BLOCK_TIME);

/** Z_NO_FLUSH and ZSTD_e_continue. */
const CONTINUE = 0;

/**
 * Decodes on the calling thread directly into an output buffer: without thread switches and without a copy.
 * It blocks the event loop, so it is for a thread that does nothing else.
 */
export class SyncZlib {
  readonly #stream: SyncStream;
  readonly #buffer: OutputBuffer;

  private constructor(stream: SyncStream, buffer: OutputBuffer) {
    this.#stream = stream;
    this.#buffer = buffer;
    // `decode` reads `errored`.
    stream.on('error', () => {});
  }

  /** Undefined if this version of Node lacks the interface. */
  static of(stream: Transform & Zlib, buffer: OutputBuffer): SyncZlib | undefined {
    return hasSyncCalls(stream) ? new SyncZlib(stream, buffer) : undefined;
  }

  /** Yields the content of a piece as parts of the output buffer; throws if it cannot be decoded. */
  async *decode(piece: Uint8Array): AsyncGenerator<Uint8Array> {
    const { _handle: handle, _writeState: state } = this.#stream;
    for (let rest = piece.length, full = true; full; ) {
      const room = this.#buffer.reserve();
      handle.writeSync(CONTINUE, piece, piece.length - rest, rest, room, 0, room.length);
      if (this.#stream.errored) throw this.#stream.errored;
      const [left, unused] = state as unknown as [number, number];
      rest = unused;
      full = left === 0;
      const content = room.subarray(0, room.length - left);
      this.#buffer.commit(content.length);
      if (content.length > 0) yield content;
      if (!full && rest > 0) throw new Error('what follows the end of the data');
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}
