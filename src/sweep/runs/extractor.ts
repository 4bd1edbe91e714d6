import { compileWasm } from '../../core/base/runtime/wasm.js';
import { leastDistinct, pairLimit, pairScores, scoreLimit } from './limits.js';
import type { RecordList } from './records.js';
import { NOISE_SCORES } from './weights.js';

/** Margin in bytes on both sides of a run that the searches may read. */
export const REACH = 2048;
/** Margin in bytes on both sides of a part of a run that is cached with it. */
export const KEPT_MARGIN = 32;
/** Bytes of an artifact's runs that are cached: a gigabyte of programs and libraries has 25 MB. */
export const MOST_KEPT = 32 << 20;
/** Words of a run's edge: twice the largest number (16,384 bits). */
const EDGE = 512;

/** A packed run is the index of its first word, times this, plus its words. */
const PACKED = 2 ** 24;

/** Words of a prime of moduli of 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192 and 16,384 bits. */
export const PRIME_WORDS = [4, 6, 8, 12, 16, 24, 32, 48, 64, 128] as const;
/** Words of windows: primes and moduli. */
export const WINDOW_WORDS: readonly number[] = [
  ...new Set([...PRIME_WORDS, ...PRIME_WORDS.map((words) => words * 2)]),
].sort((a, b) => a - b);

/** A part of a run, in words, and which ends it shares with its run. */
export interface RunPart {
  from: number;
  words: number;
  starts: boolean;
  ends: boolean;
}

/** A run as one part, or the two edges of a long one. */
export function partsOf(words: number): RunPart[] {
  if (words <= 2 * EDGE) return [{ from: 0, words, starts: true, ends: true }];
  return [
    { from: 0, words: EDGE, starts: true, ends: false },
    { from: words - EDGE, words: EDGE, starts: false, ends: true },
  ];
}

/** Bytes cached of a part. */
export const keptLength = (words: number): number => words * 8 + 2 * KEPT_MARGIN;

/**
 * Room for the records of one part: at most a point of each of five sizes at every other byte, and numbers
 * behind every other word.
 */
const RECORDS = 4 << 20;
/**
 * Bytes of records from which on the runs of a chunk are left: bounds the memory of a batch. A mebibyte of
 * isolated numbers has 3 MiB of records, one in which every eighth byte may begin a point 22 MiB.
 */
const MOST_LISTED = 2 * RECORDS;
const SUMS = (2 * EDGE * 8 + 256) * 8;
const SEEN = 256 * 4;
/** Bytes of the table of pair scores, and of a row of limits. */
const PAIRS = 65_536;
const GATE = 16;
/** Bytes of windows that have a row of limits. */
const GATES = Array.from({ length: 17 }, (_, i) => i * 8);
/** Bytes of numbers that fill their run. */
const OWN = Array.from({ length: 125 }, (_, i) => 64 + i * 16);
const WEIGHTS = 7 * 512 * 4;
/** Room for one of them, padded to words. */
const SCRATCH = 2056;

/** Words of the longest run that may be several adjacent objects. */
const LONG = 96;

/** A chunk in memory: `window` is the address of its first byte, `offset` that byte's file offset. */
export interface ExtractedChunk {
  window: number;
  length: number;
  /** Distance of the chunk from the base of packed runs, in bytes. */
  base: number;
  offset: number;
}

interface Program {
  begins(at: number, before: number): number;
  setGate(scores: number, pairs: number, gates: number, sums: number, seen: number): void;
  looksRandomIn(at: number, length: number, most: number, least: number, mostPairs: number): number;
  setOwn(gates: number): void;
  setOdd(gates: number, scratch: number): void;
  setWindows(sizes: number, count: number, weights: number): void;
  extract(
    at: number,
    words: number,
    before: number,
    after: number,
    edges: number,
    offset: number,
    out: number,
  ): number;
  extractRuns(
    list: number,
    count: number,
    from: number,
    base: number,
    window: number,
    length: number,
    offset: number,
    reach: number,
    most: number,
    keeps: number,
    out: number,
    room: number,
  ): number;
  runsLeft(): number;
  bytesOut(): number;
  bytesKept(): number;
}

let compiled: WebAssembly.Module | undefined;

/** Extracts numbers from runs in a WebAssembly memory (kernel/extract.as.ts). */
export class Extractor {
  /** Bytes of its own data. */
  static readonly SIZE =
    256 +
    PAIRS +
    (GATES.length + WINDOW_WORDS.length + OWN.length) * GATE +
    SUMS +
    SEEN +
    WEIGHTS +
    SCRATCH +
    RECORDS;

  readonly #memory: WebAssembly.Memory;
  readonly #program: Program;
  readonly #out: number;
  #used = false;

  /** `at`: address of {@link Extractor.SIZE} bytes, a multiple of 64. */
  constructor(memory: WebAssembly.Memory, at: number) {
    compiled ??= compileWasm('src/sweep/runs/kernel/extract.wasm');
    this.#memory = memory;
    this.#program = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Program;
    const pairs = at + 256;
    const gates = pairs + PAIRS;
    const sizes = gates + GATES.length * GATE;
    const weights = sizes + WINDOW_WORDS.length * GATE;
    const sums = weights + WEIGHTS;
    const seen = sums + SUMS;
    const own = seen + SEEN;
    this.#out = own + OWN.length * GATE + SCRATCH;
    const bytes = Buffer.from(memory.buffer);
    bytes.set(new Uint8Array(NOISE_SCORES.buffer), at);
    bytes.set(pairScores(), pairs);
    for (const [lengths, table] of [
      [GATES, gates],
      [OWN, own],
    ] as const)
      for (const [i, length] of lengths.entries()) {
        bytes.writeInt32LE(scoreLimit(length), table + i * GATE);
        bytes.writeInt32LE(leastDistinct(length), table + i * GATE + 4);
        bytes.writeInt32LE(pairLimit(length), table + i * GATE + 8);
      }
    for (const [i, words] of WINDOW_WORDS.entries()) {
      bytes.writeUInt32LE(words, sizes + i * GATE);
      bytes.writeInt32LE(scoreLimit(words * 8), sizes + i * GATE + 4);
      bytes.writeInt32LE(pairLimit(words * 8), sizes + i * GATE + 8);
    }
    bytes.fill(0, seen, seen + SEEN);
    this.#program.setGate(at, pairs, gates, sums, seen);
    this.#program.setOwn(own);
    this.#program.setOdd(own, own + OWN.length * GATE);
    this.#program.setWindows(sizes, WINDOW_WORDS.length, weights);
  }

  /** Overwrites the bytes of runs that it has read since the last time. */
  wipe(): void {
    if (this.#used) Buffer.from(this.#memory.buffer).fill(0, this.#out - SCRATCH, this.#out + RECORDS);
    this.#used = false;
  }

  /** The randomness test for windows of `length` bytes at any address. */
  randomnessTest(length: number): (at: number) => boolean {
    const limits = [scoreLimit(length), leastDistinct(length), pairLimit(length)] as const;
    return (at) => this.#program.looksRandomIn(at, length, ...limits) !== 0;
  }

  /**
   * False for a long run that does not begin as an object does: most random bytes in dense memory are
   * compressed files. `before` bytes can be read before its address `at`.
   */
  begins(words: number, at: number, before: number): boolean {
    return words <= LONG || this.#program.begins(at, before) !== 0;
  }

  /**
   * A whole run at address `at` and file offset `offset`, with {@link REACH} readable bytes on both sides.
   * `keep`: with its bytes.
   */
  run(at: number, words: number, offset: number, into: RecordList, keep = false): void {
    if (!this.begins(words, at, REACH)) {
      into.open(offset, words, true);
      return;
    }
    into.open(offset, words);
    const parts = partsOf(words);
    if (keep)
      for (const part of parts)
        into.keep(
          new Uint8Array(this.#memory.buffer, at + part.from * 8 - KEPT_MARGIN, keptLength(part.words)),
        );
    let random = false;
    for (const part of parts) {
      const from = part.from * 8;
      random = this.part(part, at + from, REACH, part.words * 8 + REACH, offset + from, into) || random;
    }
    if (!random) into.dropRun();
  }

  /**
   * The `count` runs at address `list`, packed as in a HitList, that lie with {@link REACH} bytes on both
   * sides in a chunk and have no other run beside them, until the records are many. The others move to the
   * front of the list; returns their number.
   */
  runs(
    list: number,
    count: number,
    { window, length, base, offset }: ExtractedChunk,
    into: RecordList,
    keep: boolean,
  ): number {
    this.#used = true;
    const { extractRuns, bytesOut, bytesKept, runsLeft } = this.#program;
    const packed = new Float64Array(this.#memory.buffer, list, count);
    const chunk = [base / 8, window, length, offset] as const;
    let i = 0;
    let left = 0;
    while (i < count && into.length < MOST_LISTED) {
      i = extractRuns(list, count, i, ...chunk, REACH, EDGE, Number(keep), this.#out, RECORDS);
      left = runsLeft();
      into.appendRuns(new Uint8Array(this.#memory.buffer, this.#out, bytesOut()), bytesKept());
      if (i === count) break;
      const index = Math.floor(packed[i]! / PACKED);
      const words = packed[i]! - index * PACKED;
      // Otherwise there was no more room.
      if (words <= EDGE) continue;
      const x = index * 8 - base;
      this.run(window + x, words, offset + x, into, keep);
      i++;
    }
    packed.copyWithin(left, i);
    return left + count - i;
  }

  /** Appends the numbers of a part of a run; false if it does not look random. */
  part(
    { words, starts, ends }: Omit<RunPart, 'from'>,
    at: number,
    before: number,
    after: number,
    offset: number,
    into: RecordList,
  ): boolean {
    this.#used = true;
    const edges = (starts ? 1 : 0) | (ends ? 2 : 0);
    const most = Math.min(after, words * 8 + REACH);
    const length = this.#program.extract(at, words, Math.min(before, REACH), most, edges, offset, this.#out);
    if (length > 0) into.append(new Uint8Array(this.#memory.buffer, this.#out, length));
    return length >= 0;
  }
}
