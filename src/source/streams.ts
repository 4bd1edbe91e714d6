import fs from 'node:fs';
import net from 'node:net';
import { orAborted } from '../base/runtime/promises.js';
import { promised } from './file-system.js';

const CHUNK = 1024 * 1024;

/** A chunk of a stream, which in object mode may be anything. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw Object.assign(new TypeError('a chunk is neither bytes nor text'), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** The bytes of a stream. An abort destroys it if it can be destroyed, and is thrown at once. */
export async function* readStream(
  stream: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const destroy = (): void => {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy(signal?.reason);
  };
  signal?.addEventListener('abort', destroy, { once: true });
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await orAborted(chunks.next(), signal);
      if (done) return;
      yield bytesOf(value);
    }
  } finally {
    signal?.removeEventListener('abort', destroy);
    // Not awaited: a generator ends only after the chunk that it waits for.
    void chunks.return?.()?.catch(() => {});
  }
}

/**
 * The bytes of a pipe, whose descriptor is closed at the end. It is polled by the event loop: a read in the
 * thread pool would block until a writer comes, and keep the process from exiting.
 */
export function readPipe(fd: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  return readStream(new net.Socket({ fd, readable: true, writable: false }), signal);
}

/** The bytes of a file of unknown length (/proc). The caller closes the descriptor. */
export async function* readFile(fd: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (;;) {
    signal?.throwIfAborted();
    const chunk = Buffer.allocUnsafe(CHUNK);
    const count = await promised<number>((done) => fs.read(fd, chunk, 0, chunk.length, null, done));
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}

/** The bytes of a buffer. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}
