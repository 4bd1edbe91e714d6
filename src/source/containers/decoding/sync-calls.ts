import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';

/**
 * The undocumented interface of node:zlib's synchronous functions: one call
 * on this thread, from given memory into given memory. Archive libraries
 * use it too. If a version of Node lacks it, what is documented is used.
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
  /** Bytes left by the last call: of the output, and of the input. */
  _writeState: Uint32Array;
}

export type SyncStream<T extends Transform & Zlib = Transform & Zlib> = T & Native;

export function hasSyncCalls<T extends Transform & Zlib>(stream: T): stream is SyncStream<T> {
  const { _handle: handle, _writeState: state } = stream as Partial<Native>;
  return typeof handle?.writeSync === 'function' && ArrayBuffer.isView(state) && state.length === 2;
}
