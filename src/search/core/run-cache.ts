import { upperBound } from '../../base/bytes/binary-search.js';
import { grown, nextCapacity } from '../../base/bytes/growable-array.js';
import { BESIDE, keptLength, MOST_KEPT, partsOf } from '../../runs/extractor.js';
import type { Run } from './types.js';

/** Bytes of a row, by which their memory grows. */
const ROW = 64;
/** Stretches: none is shorter than three words with what lies beside them. */
const MOST_STRETCHES = Math.floor(MOST_KEPT / 88);
const ROOM = 1024;

/** Stretches of a file in columns, many of them in shared memory: plain data for any thread. */
export interface RunCacheColumns {
  /** Stretches, and bytes of all. */
  length: number;
  filled: number;
  /** File offset of each, ascending as their ends do, and where it begins in `bytes`. */
  offsets: Float64Array;
  starts: Uint32Array;
  bytes: Uint8Array;
}

const empty = (): RunCacheColumns => ({
  length: 0,
  filled: 0,
  offsets: new Float64Array(ROOM),
  starts: new Uint32Array(ROOM),
  bytes: new Uint8Array(ROOM * ROW),
});

/**
 * The bytes of runs, each with a little of what lies beside it: what comes with the sweep is not read again by every pass over the runs. Where more come than
 * there is room for, none are kept: those of a part save little, and are in the way of all that such a dump needs besides.
 */
export class RunCache {
  #columns: RunCacheColumns;
  /** Bytes that have come. */
  #come = 0;
  /** The stretch that was asked for last: the next one is often the one behind it. */
  #last = 0;

  constructor(columns = empty()) {
    this.#columns = columns;
  }

  /** What is added later does not belong to them. */
  get columns(): RunCacheColumns {
    return { ...this.#columns };
  }

  /** More have come than there is room for. */
  get overflows(): boolean {
    return this.#come >= MOST_KEPT;
  }

  /** All that is kept, one stretch after the other in file order. */
  get bytes(): Uint8Array {
    return this.#columns.bytes.subarray(0, this.#columns.filled);
  }

  /**
   * Of a run the bytes that came with it, part by part, with what lies beside each. False where none of them are kept: none came, the run is out of order, or
   * there is no room.
   */
  addRun(offset: number, words: number, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return false;
    const parts = partsOf(words);
    if (!this.overflows && this.#come + bytes.length >= MOST_KEPT) this.#columns = empty();
    this.#come += bytes.length;
    if (this.overflows || !this.#isNext(offset - BESIDE, parts[0]!.words)) return false;
    let done = 0;
    for (const part of parts) {
      const length = keptLength(part.words);
      this.#add(offset + part.from * 8 - BESIDE, bytes.subarray(done, done + length));
      done += length;
    }
    return true;
  }

  /** True of a run that is a part of one whose bytes are kept, or lies a word beside it at most, as far as one is looked at: the number in an array, and what the net took for one with it. */
  holds({ offset, words }: Run): boolean {
    const beside = BESIDE - 8;
    return this.placeOf(offset - beside, words * 8 + 2 * beside) !== undefined;
  }

  /** Stretches one after the other in so many bytes or fewer, by the indices of their first byte and of the one behind their last. */
  *blocks(size: number): Generator<{ from: number; to: number }> {
    const { starts, length, filled } = this.#columns;
    let from = 0;
    for (let index = 0; index < length; index++) {
      const end = index + 1 < length ? starts[index + 1]! : filled;
      if (end - from <= size) continue;
      yield { from, to: starts[index]! };
      from = starts[index]!;
    }
    if (from < filled) yield { from, to: filled };
  }

  /** The stretch with the byte at an index of {@link bytes}: where it begins there and in the file, and its length. */
  stretchWith(place: number): { from: number; offset: number; length: number } {
    const { offsets, starts, length } = this.#columns;
    const index = upperBound(starts.subarray(0, length), place) - 1;
    const offset = offsets[index]!;
    return { from: starts[index]!, offset, length: this.#endOf(index) - offset };
  }

  /** A stretch of so many words lies behind all others. */
  #isNext(offset: number, words: number): boolean {
    const { length, offsets } = this.#columns;
    return (
      length === 0 || (offset > offsets[length - 1]! && offset + keptLength(words) > this.#endOf(length - 1))
    );
  }

  #add(offset: number, bytes: Uint8Array): void {
    const columns = this.#columns;
    const { length, filled, offsets } = columns;
    if (length === offsets.length) {
      const room = nextCapacity(length, MOST_STRETCHES);
      columns.offsets = grown(columns.offsets, room, MOST_STRETCHES, 1, true);
      columns.starts = grown(columns.starts, room, MOST_STRETCHES, 1, true);
    }
    while (filled + bytes.length > columns.bytes.length) {
      const rows = nextCapacity(columns.bytes.length / ROW, MOST_KEPT / ROW);
      columns.bytes = grown(columns.bytes, rows, MOST_KEPT / ROW, ROW, true);
    }
    columns.offsets[length] = offset;
    columns.starts[length] = filled;
    columns.bytes.set(bytes, filled);
    columns.filled = filled + bytes.length;
    columns.length++;
  }

  #endOf(index: number): number {
    const { offsets, starts, length, filled } = this.#columns;
    const end = index + 1 < length ? starts[index + 1]! : filled;
    return offsets[index]! + end - starts[index]!;
  }

  /** Index in {@link bytes} of so many bytes of the file; undefined where they are not all in one stretch. */
  placeOf(offset: number, length: number): number | undefined {
    const { offsets, starts } = this.#columns;
    const index = this.#stretchAt(offset);
    if (index < 0 || offset + length > this.#endOf(index)) return undefined;
    this.#last = index;
    return starts[index]! + offset - offsets[index]!;
  }

  /** The last stretch that begins at an offset or before it: no other reaches further. */
  #stretchAt(offset: number): number {
    const { offsets, length } = this.#columns;
    for (let index = this.#last; index < Math.min(this.#last + 2, length); index++)
      if (offsets[index]! <= offset && (index + 1 === length || offsets[index + 1]! > offset)) return index;
    return upperBound(offsets.subarray(0, length), offset) - 1;
  }
}
