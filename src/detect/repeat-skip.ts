import type { View } from '../formats/memory/types.js';
import type { Hit } from './core/types.js';
import type { Reach } from './core/windows.js';

/** Bytes that repeat themselves: what came to nothing once comes to nothing in each copy, and need not be examined again. */

/** Fewer hits in one group are examined: no dump has so many anchors of one rule side by side, a flood has nothing else. */
const LEAST_HITS = 64;
/** Anchors of one rule in a period that are tried. */
const MOST_ANCHORS = 4;
/** Bytes that are compared further on at a time, and at once. */
const STEP = 256 * 1024;
const BLOCK = 4 * 1024;

/** Room for a step and the period before it, of one stretch after the other. */
let room: Buffer | undefined;

/** Hits of one rule in [from, to) are copies of hits before `from`, with all that a detector reads around them. */
export class RepeatSkip {
  readonly from: number;
  #to: number;
  readonly #period: number;
  readonly #reach: Reach;
  /** What follows does not repeat, or not in the order of memory. */
  #ended = false;

  private constructor(from: number, to: number, period: number, reach: Reach) {
    this.from = from;
    this.#to = to;
    this.#period = period;
    this.#reach = reach;
  }

  /** The stretch that a group begins whose hits came to nothing, if the bytes around them repeat. */
  static of(hits: readonly Hit[], view: View, reach: Reach): RepeatSkip | undefined {
    const [first, last] = [hits[0], hits.at(-1)];
    if (first === undefined || last === undefined || hits.length < LEAST_HITS) return undefined;
    // Where a text begins may be told by what is no byte of it.
    if (view.startsText !== undefined) return undefined;
    const after = last.offset + last.length - first.offset + reach.after;
    if (!view.plain(first.offset, reach.before, after)) return undefined;
    const { bytes, at } = view.window(first.offset, reach.before, after, 'file');
    if (at < reach.before || bytes.length < at + after) return undefined;
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const hit of hits.slice(-1 - MOST_ANCHORS, -1).reverse()) {
      const period = last.offset - hit.offset;
      if (period === 0 || 2 * period > last.offset - first.offset) continue;
      if (all.compare(all, 0, all.length - period, period) !== 0) continue;
      return new RepeatSkip(first.offset + period, first.offset + after, period, reach);
    }
    return undefined;
  }

  /** Is this a copy of a hit that came to nothing? Hits are asked for in ascending order. */
  holds(offset: number, length: number, view: View): boolean {
    if (offset < this.from) return false;
    const end = offset + length + this.#reach.after;
    while (this.#to < end && !this.#ended && this.#extend(view));
    return end <= this.#to;
  }

  /** Offset of the last hit of this length that is known to be a copy. */
  lastOf(length: number): number {
    return this.#to - this.#reach.after - length;
  }

  /** False where no more is known to repeat than before; what is not at hand yet is asked for again. */
  #extend(view: View): boolean {
    const { reader } = view;
    const [to, period] = [this.#to, this.#period];
    const wanted = Math.min(STEP, reader.length - to);
    const length = (reader.near?.(to - period, period + wanted) ?? period + wanted) - period;
    this.#ended =
      wanted < BLOCK || !view.plain(to, this.#reach.before + this.#reach.after, Math.max(0, length));
    if (this.#ended || length < BLOCK) return false;
    if (room === undefined || room.length < period + length) room = Buffer.allocUnsafeSlow(period + STEP);
    const bytes = room.subarray(0, reader.read(to - period, room.subarray(0, period + length)));
    let same = 0;
    for (; same + BLOCK <= bytes.length - period; same += BLOCK)
      if (bytes.compare(bytes, same, same + BLOCK, period + same, period + same + BLOCK) !== 0) break;
    this.#to += same;
    this.#ended = same + BLOCK <= length;
    return same > 0;
  }
}
