import { wipeAfterRuns } from '../core/base/runtime/scratch.js';
import type { View } from '../formats/memory/types.js';
import type { Hit } from './core/types.js';
import type { Reach } from './core/windows.js';

/** Skips periodic bytes: hits that failed once fail in every copy of the period. */

/** Smallest group that is tested for a period; in real dumps groups are smaller. */
const MIN_HITS = 64;
/** Largest number of hits per period. */
const MAX_ANCHORS = 4;
/** Bytes read at a time, and bytes per comparison. */
const STEP = 256 * 1024;
const BLOCK = 4 * 1024;

/** Shared buffer for a step and the period before it. */
let buffer: Buffer | undefined;
wipeAfterRuns(() => buffer?.fill(0));

/** Hits of one rule in [from, to) copy hits before `from`, with all bytes that the detector reads. */
export class RepeatSkip {
  readonly from: number;
  #to: number;
  readonly #period: number;
  readonly #reach: Reach;
  /** The period ends at `to`, or memory order differs there. */
  #ended = false;

  private constructor(from: number, to: number, period: number, reach: Reach) {
    this.from = from;
    this.#to = to;
    this.#period = period;
    this.#reach = reach;
  }

  /**
   * The periodic range that starts with a group of failed hits; undefined if their bytes are not periodic.
   */
  static of(hits: readonly Hit[], view: View, reach: Reach): RepeatSkip | undefined {
    const [first, last] = [hits[0], hits.at(-1)];
    if (first === undefined || last === undefined || hits.length < MIN_HITS) return undefined;
    // Matches then depend on more than the bytes.
    if (view.startsText !== undefined) return undefined;
    const after = last.offset + last.length - first.offset + reach.after;
    if (!view.sameInBothOrders(first.offset, reach.before, after)) return undefined;
    const { bytes, at } = view.window(first.offset, reach.before, after, 'file');
    if (at < reach.before || bytes.length < at + after) return undefined;
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const hit of hits.slice(-1 - MAX_ANCHORS, -1).reverse()) {
      const period = last.offset - hit.offset;
      if (period === 0 || 2 * period > last.offset - first.offset) continue;
      if (all.compare(all, 0, all.length - period, period) !== 0) continue;
      return new RepeatSkip(first.offset + period, first.offset + after, period, reach);
    }
    return undefined;
  }

  /** True if the hit is a copy of a failed one. Call with ascending offsets. */
  covers(offset: number, length: number, view: View): boolean {
    if (offset < this.from) return false;
    const end = offset + length + this.#reach.after;
    while (this.#to < end && !this.#ended && this.#extend(view));
    return end <= this.#to;
  }

  /** Offset of the last covered hit of this length, as far as known. */
  lastCovered(length: number): number {
    return this.#to - this.#reach.after - length;
  }

  /**
   * Compares further bytes; false if `to` has not grown. Bytes that are not cached yet are tried again later.
   */
  #extend(view: View): boolean {
    const { reader } = view;
    const [to, period] = [this.#to, this.#period];
    const wanted = Math.min(STEP, reader.length - to);
    const length = (reader.near?.(to - period, period + wanted) ?? period + wanted) - period;
    this.#ended =
      wanted < BLOCK ||
      !view.sameInBothOrders(to, this.#reach.before + this.#reach.after, Math.max(0, length));
    if (this.#ended || length < BLOCK) return false;
    if (buffer === undefined || buffer.length < period + length)
      buffer = Buffer.allocUnsafeSlow(period + STEP);
    const bytes = buffer.subarray(0, reader.read(to - period, buffer.subarray(0, period + length)));
    let same = 0;
    for (; same + BLOCK <= bytes.length - period; same += BLOCK)
      if (bytes.compare(bytes, same, same + BLOCK, period + same, period + same + BLOCK) !== 0) break;
    this.#to += same;
    this.#ended = same + BLOCK <= length;
    return same > 0;
  }
}
