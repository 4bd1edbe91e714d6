import { setImmediate } from 'node:timers/promises';
import type { Input } from './input.js';

/** Stored bytes after which others have their turn. */
const STRETCH = 256 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * For what a decoder passes over without content: now and then timers and signals are heard, and whoever reads the content is
 * given no bytes of it, so that he can end.
 */
export class YieldPoints {
  #last = 0;

  async *next({ offset }: Input): AsyncGenerator<Uint8Array> {
    if (offset - this.#last < STRETCH) return;
    this.#last = offset;
    await setImmediate();
    yield NOTHING;
  }
}
