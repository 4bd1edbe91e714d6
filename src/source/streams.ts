import fs from 'node:fs';
import net from 'node:net';
import { promised } from './file-system.js';

const CHUNK = 1024 * 1024;

/** The bytes of a stream; an abort destroys the stream and is thrown. */
export async function* readStream(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const destroy = (): void => {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy(signal?.reason);
  };
  signal?.addEventListener('abort', destroy, { once: true });
  try {
    signal?.throwIfAborted();
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  } finally {
    signal?.removeEventListener('abort', destroy);
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
