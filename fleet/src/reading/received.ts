import type { Readable } from 'node:stream';
import { connectionError, objectError } from '../listing/object-errors.js';
import { LEAST_BYTES, type Patience } from '../listing/retry.js';

/**
 * The bytes of a body, of which `size` must come. Throws `object-unreachable` if it is cut or stalls,
 * `object-replaced` if it is longer, and the signal's reason.
 */
export async function* received(
  body: Readable,
  size: number,
  shown: string,
  { stall }: Patience,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  let before = 0;
  const tooSlow = (): Error =>
    objectError(
      'object-unreachable',
      shown,
      `less than ${LEAST_BYTES} bytes came in ${stall / 1000} seconds`,
    );
  let isLate = false;
  /** The consumer has the last bytes: the peer is not waited for. */
  let isWaiting = true;
  const timer = setInterval(() => {
    if (isWaiting && length - before < LEAST_BYTES) {
      isLate = true;
      body.destroy(tooSlow());
    }
    before = length;
  }, stall);
  const abort = (): void => {
    body.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      length += bytes.length;
      if (length > size) throw objectError('object-replaced', shown, 'it is longer than it was listed');
      isWaiting = false;
      yield bytes;
      isWaiting = true;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw isLate ? tooSlow() : connectionError(error, shown);
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', abort);
    body.destroy();
  }
  signal?.throwIfAborted();
  if (length < size)
    throw objectError('object-unreachable', shown, `it was cut after ${length} of ${size} bytes`);
}
