import fs from 'node:fs';
import net from 'node:net';

const CHUNK = 1024 * 1024;

/** A stream's bytes until it ends; an abort destroys the stream and is thrown. */
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
 * A pipe's bytes by its file descriptor, which is closed at the end. It goes through the event loop: a read in the
 * thread pool would wait for a writer that never comes, and the process could not even exit.
 */
export function readPipe(fd: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  return readStream(new net.Socket({ fd, readable: true, writable: false }), signal);
}

function readNext(fd: number, target: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, target, 0, target.length, null, (error, count) => (error ? reject(error) : resolve(count)));
  });
}

/** A file that says nothing of its length (/proc), from its start to its end; the descriptor stays the caller's. */
export async function* readFile(fd: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (;;) {
    signal?.throwIfAborted();
    const chunk = Buffer.allocUnsafe(CHUNK);
    const count = await readNext(fd, chunk);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}
