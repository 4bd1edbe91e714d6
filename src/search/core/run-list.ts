import { grown, nextCapacity } from '../../base/bytes/growable-array.js';
import type { Run } from './types.js';

/** Runs that are kept, at 12 bytes each: those of 20 GB of dense files. */
const MOST_RUNS = 1 << 21;

/** Mark the words of a run: no run has so many. */
const BODY = 2 ** 31;
const KEPT = 2 ** 30;

/** Runs in columns, many of them in shared memory: plain data for any thread. */
export interface RunColumns {
  length: number;
  /** Of how many the bytes are kept (kept-bytes.ts). */
  kept: number;
  offsets: Float64Array;
  words: Uint32Array;
}

/** Runs that there is room for at first. */
const ROOM = 1024;

/** The runs of an artifact, for searches that come back to them. */
export class RunList {
  #columns: RunColumns;

  constructor(
    columns: RunColumns = {
      length: 0,
      kept: 0,
      offsets: new Float64Array(ROOM),
      words: new Uint32Array(ROOM),
    },
  ) {
    this.#columns = columns;
  }

  /** What is pushed later does not belong to them. */
  get columns(): RunColumns {
    return { ...this.#columns };
  }

  get kept(): number {
    return this.#columns.kept;
  }

  /** False where there is no room for more. `body`: no number was looked for in it (src/runs/extractor.ts, `begins`); `kept`: its bytes are at hand. */
  push({ offset, words }: Run, { body = false, kept = false } = {}): boolean {
    const columns = this.#columns;
    const { length } = columns;
    if (length === MOST_RUNS) return false;
    if (length === columns.offsets.length) {
      const room = nextCapacity(length, MOST_RUNS);
      columns.offsets = grown(columns.offsets, room, MOST_RUNS, 1, true);
      columns.words = grown(columns.words, room, MOST_RUNS, 1, true);
    }
    this.#columns.offsets[length] = offset;
    this.#columns.words[length] = Math.min(words, KEPT - 1) + (kept ? KEPT : 0) + (body ? BODY : 0);
    this.#columns.length++;
    if (kept) this.#columns.kept++;
    return true;
  }

  /** Their bytes are not at hand any more. */
  forgetKept(): void {
    const { length, words } = this.#columns;
    for (let i = 0; i < length; i++) if (words[i]! % BODY >= KEPT) words[i]! -= KEPT;
    this.#columns.kept = 0;
  }

  /** Those in which a number may stand. */
  [Symbol.iterator](): Generator<Run> {
    return this.ofWords(0);
  }

  /** Of those, the ones of so many words: most of a dump's are short, and cost nothing where they are not asked for. */
  *ofWords(least: number, most = KEPT): Generator<Run> {
    const { length, offsets, words: all } = this.#columns;
    for (let i = 0; i < length; i++) {
      const words = all[i]! % KEPT;
      if (words >= least && words <= most && all[i]! < BODY) yield { offset: offsets[i]!, words };
    }
  }

  /** How many these are, and between which file offsets they lie. */
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

  /** The same of those whose bytes are not kept. */
  *notKept(least: number, most = KEPT): Generator<Run> {
    const { length, offsets, words: all } = this.#columns;
    for (let i = 0; i < length; i++) {
      const words = all[i]!;
      if (words >= least && words <= most && words < KEPT) yield { offset: offsets[i]!, words };
    }
  }

  /** All of them. */
  *all(): Generator<Run> {
    const { length, offsets, words } = this.#columns;
    for (let i = 0; i < length; i++) yield { offset: offsets[i]!, words: words[i]! % KEPT };
  }
}
