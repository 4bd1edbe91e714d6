import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { systemCode } from '../core/base/runtime/errors.js';
import { close } from './file-system.js';
import type { SourceContext } from './stored-bytes.js';
import { readPipe } from './streams.js';

/** Milliseconds between two looks for a writer. */
const PAUSE = 50;
export const FIFO_LOOKS = 200;
/** Seconds that this number of looks takes. */
export const secondsOf = (looks: number): number => (looks * PAUSE) / 1000;
/** Bytes that a look reads at most. */
const FIRST = 64 * 1024;

/**
 * The bytes of a FIFO that was opened without blocking. Undefined if no program opens it for writing within
 * `fifoLooks` looks. The descriptor is closed at the end of the bytes, and where there are none.
 */
export async function readFifo(
  fd: number,
  { fifoLooks, signal }: Pick<SourceContext, 'fifoLooks' | 'signal'>,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  let first: Uint8Array | undefined;
  try {
    for (let look = 1; first === undefined && look <= fifoLooks; look++) {
      signal?.throwIfAborted();
      first = firstBytes(fd);
      // An abort of the pause is thrown by the next look.
      if (first === undefined && look < fifoLooks)
        await setTimeout(PAUSE, undefined, signal ? { signal } : {}).catch(() => {});
    }
    signal?.throwIfAborted();
  } catch (error) {
    close(fd);
    throw error;
  }
  if (first !== undefined) return chain(first, readPipe(fd, signal));
  close(fd);
  return undefined;
}

/**
 * What can be read now; undefined without a writer. A read that does not block is then at the end of the
 * file. With a writer that has not written yet it fails with EAGAIN (pipe(7), read(2)).
 */
function firstBytes(fd: number): Uint8Array | undefined {
  const bytes = Buffer.allocUnsafe(FIRST);
  try {
    const count = fs.readSync(fd, bytes, 0, bytes.length, null);
    return count === 0 ? undefined : bytes.subarray(0, count);
  } catch (error) {
    if (systemCode(error) !== 'EAGAIN') throw error;
    return bytes.subarray(0, 0);
  }
}

async function* chain(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
