import { grown, nextCapacity } from '../../core/base/bytes/growable-array.js';
import type { Run } from './types.js';

/** Capacity, at 12 bytes a run: enough for 20 GB of dense files. */
const MOST_RUNS = 1 << 21;

/** Flags above the words of a run. */
const BODY = 2 ** 31;
const KEPT = 2 ** 30;

/** Runs in columns, large ones in shared memory: plain data for any thread. */
export interface RunColumns {
  length: number;
  /** Runs whose bytes are cached (run-cache.ts). */
  kept: number;
  /** Not all runs of the artifact are in it. */
  isCut: boolean;
  offsets: Float64Array;
  words: Uint32Array;
}

/** Memory is dense where each block of this length has a random-looking run. */
const BLOCK = 1 << 16;

/** File offsets from one to another. */
export interface OffsetRange {
  from: number;
  to: number;
}

/** Initial capacity. */
const ROOM = 1024;

/** The runs of an artifact, for repeated passes. */
export class RunList {
  #columns: RunColumns;
  /** Capacity: the length of a resizable column is slow to read. */
  #room: number;

  constructor(
    columns: RunColumns = {
      length: 0,
      kept: 0,
      isCut: false,
      offsets: new Float64Array(ROOM),
      words: new Uint32Array(ROOM),
    },
  ) {
    this.#columns = columns;
    this.#room = columns.offsets.length;
  }

  /** A snapshot. */
  get columns(): RunColumns {
    return { ...this.#columns };
  }

  get isCut(): boolean {
    return this.#columns.isCut;
  }

  /** Runs of the artifact were left out. */
  cut(): void {
    this.#columns.isCut = true;
  }

  get kept(): number {
    return this.#columns.kept;
  }

  /**
   * False if full. `body`: no number is extracted from it (src/sweep/runs/extractor.ts, `begins`); `kept`:
   * its bytes are cached.
   */
  push({ offset, words }: Run, { body = false, kept = false } = {}): boolean {
    return this.add(offset, words, body, kept);
  }

  /** Adds a run without an object: memory may be full of runs. */
  add(offset: number, words: number, body: boolean, kept: boolean): boolean {
    const columns = this.#columns;
    const { length } = columns;
    if (length === MOST_RUNS) {
      this.cut();
      return false;
    }
    if (length === this.#room) {
      const room = nextCapacity(length, MOST_RUNS);
      this.#room = room;
      columns.offsets = grown(columns.offsets, room, MOST_RUNS, 1, true);
      columns.words = grown(columns.words, room, MOST_RUNS, 1, true);
    }
    this.#columns.offsets[length] = offset;
    this.#columns.words[length] = Math.min(words, KEPT - 1) + (kept ? KEPT : 0) + (body ? BODY : 0);
    this.#columns.length++;
    if (kept) this.#columns.kept++;
    return true;
  }

  /** Marks all runs as not cached. */
  forgetKept(): void {
    const { length, words } = this.#columns;
    for (let i = 0; i < length; i++) if (words[i]! % BODY >= KEPT) words[i]! -= KEPT;
    this.#columns.kept = 0;
  }

  /** Runs that may contain a number. */
  [Symbol.iterator](): Generator<Run> {
    return this.ofWords(0);
  }

  /** Runs with `least` to `most` words. */
  *ofWords(least: number, most = KEPT): Generator<Run> {
    const { length, offsets, words: all } = this.#columns;
    for (let i = 0; i < length; i++) {
      const words = all[i]! % KEPT;
      if (words >= least && words <= most && all[i]! < BODY) yield { offset: offsets[i]!, words };
    }
  }

  /** Count and range of file offsets of these. */
  span(least: number, most: number): { count: number; from: number; to: number } {
    const { length, offsets, words: all } = this.#columns;
    const span = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
    for (let i = 0; i < length; i++) {
      const words = all[i]! % KEPT;
      if (words < least || words > most || all[i]! >= BODY) continue;
      span.count++;
      span.from = Math.min(span.from, offsets[i]!);
      span.to = Math.max(span.to, offsets[i]! + words * 8);
    }
    return span;
  }

  /** Bytes of dense memory: of the blocks with a part of a run. Runs out of order may count as none. */
  denseBytes(): number {
    let blocks = 0;
    let next = 0;
    for (const { offset, words } of this.all()) {
      const end = Math.floor((offset + words * 8 - 1) / BLOCK) + 1;
      const from = Math.max(next, Math.floor(offset / BLOCK));
      blocks += Math.max(0, end - from);
      next = Math.max(next, end);
    }
    return blocks * BLOCK;
  }

  /**
   * Dense memory from an offset on, in whole blocks, ascending; all memory from there on if runs are missing.
   */
  denseRanges(least: number): OffsetRange[] {
    const begin = Math.floor(least / BLOCK) * BLOCK;
    if (this.isCut) return [{ from: begin, to: Number.POSITIVE_INFINITY }];
    const ranges: OffsetRange[] = [];
    for (const { offset, words } of this.all()) {
      const to = Math.ceil((offset + words * 8) / BLOCK) * BLOCK;
      if (to <= begin) continue;
      const from = Math.max(begin, Math.floor(offset / BLOCK) * BLOCK);
      const last = ranges.at(-1);
      if (last && from >= last.from && from <= last.to) last.to = Math.max(last.to, to);
      else ranges.push({ from, to });
    }
    return joined(ranges.sort((a, b) => a.from - b.from));
  }

  /** Runs whose bytes are not cached. */
  *notKept(least: number, most = KEPT): Generator<Run> {
    const { length, offsets, words: all } = this.#columns;
    for (let i = 0; i < length; i++) {
      const words = all[i]!;
      if (words >= least && words <= most && words < KEPT) yield { offset: offsets[i]!, words };
    }
  }

  *all(): Generator<Run> {
    const { length, offsets, words } = this.#columns;
    for (let i = 0; i < length; i++) yield { offset: offsets[i]!, words: words[i]! % KEPT };
  }
}

/** Ranges in the order of their begins, those that touch as one. */
function joined(ranges: readonly OffsetRange[]): OffsetRange[] {
  const all: OffsetRange[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
    else all.push({ ...range });
  }
  return all;
}
