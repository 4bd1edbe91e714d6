import { upperBound } from '../../core/base/bytes/binary-search.js';
import { grown, nextCapacity } from '../../core/base/bytes/growable-array.js';
import { KEPT_MARGIN, keptLength, MOST_KEPT, partsOf } from '../../sweep/runs/extractor.js';
import type { Run } from './types.js';

/** Unit of growth in bytes. */
const ROW = 64;
/** No range is shorter than three words with their margins. */
const MOST_RANGES = Math.floor(MOST_KEPT / 88);
const ROOM = 1024;
/** Ranges from the last one on that are compared before all are searched. */
const NEAR = 4;

/** Ranges of a file in columns, large ones in shared memory: plain data for any thread. */
export interface RunCacheColumns {
  /** Number of ranges, and of their bytes. */
  length: number;
  filled: number;
  /** File offset of each range, ascending as their ends do, and its start in `bytes`. */
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

const roomOf = ({ offsets, bytes }: RunCacheColumns) => ({ ranges: offsets.length, bytes: bytes.length });

/**
 * The bytes of runs with margins, as the sweep delivers them, so that passes over the runs read nothing
 * again. If they exceed the capacity, none are kept: a part of them saves little, and such a dump needs its
 * memory elsewhere.
 */
export class RunCache {
  #columns: RunCacheColumns;
  /** Capacities in ranges and in bytes: the length of a resizable column is slow to read. */
  #room: { ranges: number; bytes: number };
  /** Bytes delivered. */
  #come = 0;
  /** Index of the last range returned: the next request is often for it or one behind it. */
  #last = 0;

  constructor(columns = empty()) {
    this.#columns = columns;
    this.#room = roomOf(columns);
  }

  /** A snapshot. */
  get columns(): RunCacheColumns {
    return { ...this.#columns };
  }

  get isEmpty(): boolean {
    return this.#columns.length === 0;
  }

  get overflows(): boolean {
    return this.#come >= MOST_KEPT;
  }

  /** All ranges, concatenated in file order. */
  get bytes(): Uint8Array {
    return this.#columns.bytes.subarray(0, this.#columns.filled);
  }

  /**
   * Adds the bytes of a run, part by part, each with its margins. False if nothing is kept: no bytes, the run
   * is out of order, or there is no room.
   */
  addRun(offset: number, words: number, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return false;
    const parts = partsOf(words);
    if (!this.overflows && this.#come + bytes.length >= MOST_KEPT) {
      this.#columns = empty();
      this.#room = roomOf(this.#columns);
    }
    this.#come += bytes.length;
    if (this.overflows || !this.#isNext(offset - KEPT_MARGIN, parts[0]!.words)) return false;
    let done = 0;
    for (const part of parts) {
      const length = keptLength(part.words);
      this.#add(offset + part.from * 8 - KEPT_MARGIN, bytes.subarray(done, done + length));
      done += length;
    }
    return true;
  }

  /**
   * True if a run is within a cached one, or within a word of it: the number of an array may differ so from
   * its run.
   */
  holds({ offset, words }: Run): boolean {
    const beside = KEPT_MARGIN - 8;
    return this.placeOf(offset - beside, words * 8 + 2 * beside) !== undefined;
  }

  /** Ranges grouped into blocks of at most `size` bytes, as indices [from, to) in {@link bytes}. */
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

  /** The range with the byte at an index of {@link bytes}: its start there, its file offset and length. */
  rangeWith(place: number): { from: number; offset: number; length: number } {
    const { offsets, starts } = this.#columns;
    const index = this.#lastStarting(starts, place);
    this.#last = index;
    const offset = offsets[index]!;
    return { from: starts[index]!, offset, length: this.#endOf(index) - offset };
  }

  /** A range of `words` words at `offset` would be the last one, by its start and by its end. */
  #isNext(offset: number, words: number): boolean {
    const { length, offsets } = this.#columns;
    return (
      length === 0 || (offset > offsets[length - 1]! && offset + keptLength(words) > this.#endOf(length - 1))
    );
  }

  #add(offset: number, bytes: Uint8Array): void {
    const columns = this.#columns;
    const { length, filled } = columns;
    if (length === this.#room.ranges) {
      const room = nextCapacity(length, MOST_RANGES);
      columns.offsets = grown(columns.offsets, room, MOST_RANGES, 1, true);
      columns.starts = grown(columns.starts, room, MOST_RANGES, 1, true);
      this.#room.ranges = room;
    }
    while (filled + bytes.length > this.#room.bytes) {
      const rows = nextCapacity(this.#room.bytes / ROW, MOST_KEPT / ROW);
      columns.bytes = grown(columns.bytes, rows, MOST_KEPT / ROW, ROW, true);
      this.#room.bytes = rows * ROW;
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

  /** Index in {@link bytes} of a range of the file; undefined if it is not within one cached range. */
  placeOf(offset: number, length: number): number | undefined {
    const { offsets, starts, length: count } = this.#columns;
    if (count === 0) return undefined;
    // No other range extends further.
    const index = this.#lastStarting(offsets, offset);
    if (index < 0 || offset + length > this.#endOf(index)) return undefined;
    this.#last = index;
    return starts[index]! + offset - offsets[index]!;
  }

  /** The last range that begins at or before a value of a column; requests mostly ascend. */
  #lastStarting(column: Float64Array | Uint32Array, value: number): number {
    const { length } = this.#columns;
    for (let index = this.#last; index < Math.min(this.#last + NEAR, length); index++)
      if (column[index]! <= value && (index + 1 === length || column[index + 1]! > value)) return index;
    return upperBound(column.subarray(0, length), value) - 1;
  }
}
