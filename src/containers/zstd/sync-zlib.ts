import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';
import type { OutputBuffer } from '../decoding/decoder.js';
import { hasSyncCalls, type SyncStream } from '../decoding/sync-calls.js';

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
