import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';
import type { OutputBuffer } from './decoder.js';

/**
 * What zlib's synchronous calls use, which node:zlib does not document: one call on this thread, from given memory into given memory. Libraries
 * that unpack archives go this way, too. Where a version of Node has it no more, its documented stream takes its place.
 */
interface Native {
  _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ): void;
  };
  /** Bytes that the last call left: of the output's memory, and of the input. */
  _writeState: Uint32Array;
}

/** Z_NO_FLUSH and ZSTD_e_continue. */
const CONTINUE = 0;

type SyncStream = Transform & Zlib & Native;

function hasSyncCalls(stream: Transform & Zlib): stream is SyncStream {
  const { _handle: handle, _writeState: state } = stream as Partial<SyncStream>;
  return typeof handle?.writeSync === 'function' && ArrayBuffer.isView(state) && state.length === 2;
}

/**
 * Decodes on the thread that calls it, into memory that is lent: no turns between threads, and nothing is copied. It lets no timer
 * and no signal be heard meanwhile, so it is for a thread that does nothing else.
 */
export class SyncZlib {
  readonly #stream: SyncStream;
  readonly #lender: OutputBuffer;

  private constructor(stream: SyncStream, lender: OutputBuffer) {
    this.#stream = stream;
    this.#lender = lender;
    // Told by `errored`, too.
    stream.on('error', () => {});
  }

  /** Undefined where this Node's streams cannot be driven so. */
  static of(stream: Transform & Zlib, lender: OutputBuffer): SyncZlib | undefined {
    return hasSyncCalls(stream) ? new SyncZlib(stream, lender) : undefined;
  }

  /** The content of a piece, piece by piece of lent memory; throws where it cannot be decoded. */
  async *decode(piece: Uint8Array): AsyncGenerator<Uint8Array> {
    const { _handle: handle, _writeState: state } = this.#stream;
    for (let rest = piece.length, full = true; full; ) {
      const room = this.#lender.reserve();
      handle.writeSync(CONTINUE, piece, piece.length - rest, rest, room, 0, room.length);
      if (this.#stream.errored) throw this.#stream.errored;
      const [left, unused] = state as unknown as [number, number];
      rest = unused;
      full = left === 0;
      const content = room.subarray(0, room.length - left);
      this.#lender.commit(content.length);
      if (content.length > 0) yield content;
      if (!full && rest > 0) throw new Error('what follows the end of the data');
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}
