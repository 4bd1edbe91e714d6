import type { Transform } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import zlib from 'node:zlib';
import type { Decompress } from 'fzstd';
import { DumpsieveError } from '../base/runtime/errors.js';
import { lazy } from '../base/runtime/lazy.js';
import type { OutputBuffer } from './decoder.js';
import { SyncZlib } from './sync-zlib.js';
import { Xxh64 } from './xxh64.js';
import { BLOCK, ZlibStream } from './zlib-stream.js';

/** Largest window that is decoded, in bytes: that of `zstd --long=27`, the most that zstd itself takes unasked. */
export const ZSTD_WINDOW = 128 * 1024 * 1024;

/** Decodes one frame, given in pieces: whole blocks, then the checksum (or nothing) as `last`. */
export interface FrameDecoder {
  /**
   * The content of a piece; what has come is handed out before it throws where the piece cannot be decoded or the checksum does not
   * match. The next piece may be given before this one's content is asked for.
   */
  decode(piece: Uint8Array, last?: boolean): AsyncIterable<Uint8Array>;
  close(): void;
}

/** `window`: bytes that the frame's matches reach back. */
export type NewDecoder = (window: number, lender?: OutputBuffer) => FrameDecoder;

/** Bytes of a stream's own output, which is not used where memory is lent. */
const UNUSED = 1024;

/** zlib's decoder, where this Node has one (from 22.15 on; the types are those of Node 20). It checks the checksum itself. */
export function nativeDecoder(): NewDecoder | undefined {
  const { createZstdDecompress } = zlib as typeof zlib & {
    createZstdDecompress?: (options: { chunkSize: number }) => Transform & zlib.Zlib;
  };
  if (createZstdDecompress === undefined) return undefined;
  return (_window, lender) =>
    (lender && SyncZlib.of(createZstdDecompress({ chunkSize: UNUSED }), lender)) ??
    new ZlibStream(createZstdDecompress({ chunkSize: 4 * BLOCK }));
}

/**
 * fzstd moves its whole window for every block: a frame of tiny blocks under a huge window would take hours. Bytes moved
 * for each byte that comes out, the worst that an honest encoder asks for (128 MiB window, 128 KiB blocks) …
 */
const MOVES_PER_BYTE = 1024;
/** … and what is granted beforehand, in bytes: about a second's work. */
const MOVES_GRANTED = 8 * 1024 ** 3;

/**
 * A hostile block can state sequences that copy thousands of millions of bytes past its own end, and fzstd goes through
 * them all. That cannot be counted from outside, so here a clock decides: microseconds of processor time for one block
 * of at most 128 KiB, which takes about 1,000. Time of the whole process: no other thread has so much to do in one block's time, as
 * those that sweep wait for it.
 */
const BLOCK_TIME = 5_000_000;

/** The kernel knows the sum to the microsecond, and what of it the program's own part is by samples alone. */
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
  #moved = 0;
  #decoded = 0;
  #since = 0;
  readonly #decoder: Decompress = new (fzstd().Decompress)((block) => this.#keep(block));

  constructor(window: number, blockTime: number) {
    this.#window = window;
    this.#blockTime = blockTime;
  }

  #keep(block: Uint8Array): void {
    this.#moved += this.#window;
    this.#decoded += block.length;
    const now = processorTime();
    const late = now - this.#since > this.#blockTime;
    this.#since = now;
    if (late || this.#moved > MOVES_GRANTED + this.#decoded * MOVES_PER_BYTE) {
      throw new DumpsieveError({
        code: 'zstd-too-slow',
        message: `zstd blocks that take far too long to decode: given up after ${this.#decoded} bytes of the frame`,
        hint: 'run dumpsieve on Node 22.15 or newer, or decode it outside: zstd -dc FILE | dumpsieve scan -',
      });
    }
    if (block.length === 0) return;
    this.#sum.update(block);
    this.#output.push(block);
  }

  async *decode(piece: Uint8Array, last = false): AsyncGenerator<Uint8Array> {
    // Decoding runs on this thread: signals and other work get their turn between pieces.
    await turn();
    this.#since = processorTime();
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

/** fzstd, whatever this Node has. `blockTime`: microseconds of processor time that one block may take. */
export const fallbackWithin =
  (blockTime: number): NewDecoder =>
  (window) =>
    new Fallback(window, blockTime);

export const zstdFallback = fallbackWithin(BLOCK_TIME);
