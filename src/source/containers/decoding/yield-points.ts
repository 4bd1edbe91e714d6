import { setImmediate } from 'node:timers/promises';
import type { DecoderInput } from './input.js';

/** Stored bytes between two yield points. */
const INTERVAL = 256 * 1024;
/** Bytes of content that count as one stored byte. */
const EXPANSION = 8;
const NOTHING = new Uint8Array(0);

/**
 * For decoders on this thread, and for input without content: from time to time a decoder lets timers and
 * signals run, and yields an empty chunk, so that its consumer can stop.
 */
export class YieldPoints {
  #last = 0;

  async *next({ offset }: Pick<DecoderInput, 'offset'>, decoded = 0): AsyncGenerator<Uint8Array> {
    const work = offset + decoded / EXPANSION;
    if (work - this.#last < INTERVAL) return;
    this.#last = work;
    await setImmediate();
    yield NOTHING;
  }
}

/** Steps of a lister between two pauses: some milliseconds of work. */
const STEPS = 4096;

/** Counts the steps of a lister: headers, lines, or some bytes that it looks through. */
export class Steps {
  #left = STEPS;

  /** True from time to time: the lister then yields undefined, so that its consumer can stop. */
  areMany(steps = 1): boolean {
    this.#left -= steps;
    if (this.#left > 0) return false;
    this.#left = STEPS;
    return true;
  }
}
