import { setImmediate } from 'node:timers/promises';
import type { Input } from './input.js';

/** Stored bytes between two yield points. */
const INTERVAL = 256 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * For input without content: from time to time a decoder lets timers and signals run, and yields an empty
 * chunk, so that its consumer can stop.
 */
export class YieldPoints {
  #last = 0;

  async *next({ offset }: Input): AsyncGenerator<Uint8Array> {
    if (offset - this.#last < INTERVAL) return;
    this.#last = offset;
    await setImmediate();
    yield NOTHING;
  }
}
