import fs from 'node:fs';
import net from 'node:net';
import { orAborted } from '../core/base/runtime/promises.js';
import { promised } from './file-system.js';

const CHUNK = 1024 * 1024;
/** Bytes that a pipe has room for (pipe(7)). */
const MOST_READ = 64 * 1024;

/** A chunk of a stream, which in object mode may be anything. */
export function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw Object.assign(new TypeError('a chunk is neither bytes nor text'), { code: 'ERR_INVALID_ARG_TYPE' });
}

// Bytes of a chunk are valid until the next chunk is asked for.

/**
 * The bytes of a stream. A pipe brings 64 KiB at a time, which are put
 * together: each write to a spool costs a turn of the thread pool. An abort destroys the stream if it can be
 * destroyed, and is thrown at once. Any other error is thrown after the bytes before it.
 */
export async function* readStream(
  stream: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const destroy = (): void => {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy(signal?.reason);
  };
  signal?.addEventListener('abort', destroy, { once: true });
  const chunks = stream[Symbol.asyncIterator]();
  const gathered = Buffer.allocUnsafe(CHUNK);
  let length = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await orAborted(chunks.next(), signal);
      if (done) break;
      for (let rest = bytesOf(value); rest.length > 0; ) {
        const part = rest.subarray(0, CHUNK - length);
        gathered.set(part, length);
        length += part.length;
        rest = rest.subarray(part.length);
        if (length < CHUNK) continue;
        length = 0;
        yield gathered;
      }
    }
  } catch (error) {
    if (!signal?.aborted && length > 0) yield gathered.subarray(0, length);
    throw error;
  } finally {
    signal?.removeEventListener('abort', destroy);
    // No `await`: `return()` of a generator resolves only after its pending chunk, which may never come.
    void chunks.return?.()?.catch(() => {});
  }
  if (length > 0) yield gathered.subarray(0, length);
}

/**
 * The bytes of a pipe, whose descriptor is closed at the end, unless it is standard input. It is polled by
 * the event loop: a read in the thread pool would block until a writer comes, and keep the process from
 * exiting. All reads go to one buffer: a new one each time doubles what they cost.
 */
export async function* readPipe(fd: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const gathered = Buffer.allocUnsafe(CHUNK);
  let length = 0;
  let end: { error?: unknown } | undefined;
  let wake = (): void => {};
  const isFull = (): boolean => length > CHUNK - MOST_READ;
  const onEnd = (error?: unknown): void => {
    end ??= { error };
    wake();
  };
  const onread = {
    buffer: Buffer.allocUnsafe(MOST_READ),
    callback(bytes: number, read: Uint8Array): boolean {
      gathered.set(read.subarray(0, bytes), length);
      length += bytes;
      if (isFull()) wake();
      return !isFull();
    },
  };
  // Its declaration has no `onread`, which the documentation has (since Node 12.10).
  const options: net.SocketConstructorOpts & { onread: net.OnReadOpts } = { fd, readable: true, onread };
  const socket = new net.Socket({ ...options, writable: false });
  for (const event of ['end', 'error', 'close']) socket.on(event, onEnd);
  try {
    while (end === undefined) {
      signal?.throwIfAborted();
      const more = new Promise<void>((resolve) => {
        wake = resolve;
      });
      socket.resume();
      await orAborted(more, signal);
      if (length === 0) continue;
      yield gathered.subarray(0, length);
      length = 0;
    }
  } finally {
    socket.destroy();
  }
  if (end.error) throw end.error;
}

/** The bytes of a file of unknown length (/proc). The caller closes the descriptor. */
export async function* readFile(fd: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (;;) {
    signal?.throwIfAborted();
    const count = await promised<number>((done) => fs.read(fd, chunk, 0, chunk.length, null, done));
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}

/** The bytes of standard input, or of the stream that takes its place. */
export function readStandardInput(
  stream: NodeJS.ReadableStream | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const stdin = stream ?? process.stdin;
  const stats = stdin === process.stdin && isUntouched(process.stdin) ? fs.fstatSync(0) : undefined;
  if (stats?.isFile()) return readFile(0, signal);
  return stats?.isFIFO() || stats?.isSocket() ? readPipe(0, signal) : readStream(stdin, signal);
}

/** True if none of it was read, so that its descriptor has all bytes. In a thread it has no descriptor. */
const isUntouched = (stdin: typeof process.stdin): boolean =>
  process.platform !== 'win32' &&
  stdin.fd === 0 &&
  stdin.readableFlowing === null &&
  stdin.readableLength === 0 &&
  stdin.listenerCount('readable') === 0;

/** The bytes of a buffer. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}
