import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { leastDistinct, pairLimit, scoreLimit } from './limits.js';
import { pairScores } from './pairs.js';
import type { RecordList } from './records.js';
import { NOISE_SCORES } from './weights.js';

/** Bytes before and behind a run that the searches may read. */
export const REACH = 2048;
/** Bytes before and behind a part of a run that are kept with it, for whoever looks through the runs again. */
export const BESIDE = 32;
/** Bytes that are kept of an artifact's runs: those of a gigabyte of programs and libraries take 25 MB. */
export const MOST_KEPT = 32 << 20;
/** Words of a run's edge: the largest number that is looked for (16,384 bits), and as much again for what lies beside it. */
const EDGE = 512;

/** Words of a prime: moduli of 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192 and 16,384 bits have two of them. */
export const PRIME_WORDS = [4, 6, 8, 12, 16, 24, 32, 48, 64, 128] as const;
/** Words of every window that is looked at: primes and moduli. */
export const WINDOW_WORDS: readonly number[] = [
  ...new Set([...PRIME_WORDS, ...PRIME_WORDS.map((words) => words * 2)]),
].sort((a, b) => a - b);

/** Where a part of a run begins, and which ends it shares with its run. */
export interface Part {
  from: number;
  words: number;
  starts: boolean;
  ends: boolean;
}

/** A run of so many words as one part, or its two edges: a long run costs no more. */
export function partsOf(words: number): Part[] {
  if (words <= 2 * EDGE) return [{ from: 0, words, starts: true, ends: true }];
  return [
    { from: 0, words: EDGE, starts: true, ends: false },
    { from: words - EDGE, words: EDGE, starts: false, ends: true },
  ];
}

/** Bytes that are kept of a part of so many words. */
export const keptLength = (words: number): number => words * 8 + 2 * BESIDE;

/** Room for the records of one part: a point of five sizes at every other byte is the most that two bytes can begin, and numbers behind every other word. */
const RECORDS = 4 << 20;
const SUMS = (2 * EDGE * 8 + 256) * 8;
const SEEN = 256 * 4;
/** Bytes of the scores of pairs, and of a row of limits. */
const PAIRS = 65_536;
const GATE = 16;
/** Bytes of the windows that the kernel has limits for. */
const GATES = Array.from({ length: 17 }, (_, i) => i * 8);
/** Bytes of the numbers that are looked for where they have a run to themselves. */
const OWN = Array.from({ length: 125 }, (_, i) => 64 + i * 16);
const WEIGHTS = 7 * 512 * 4;
/** Room for one of them with what fills its first word. */
const SCRATCH = 2056;

/** Words of a run that may be one object with others, packed without a gap. */
const LONG = 96;

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
}

let compiled: WebAssembly.Module | undefined;

/** The numbers in runs that lie in some WebAssembly memory (kernel/extract.as.ts). */
export class Extractor {
  /** Bytes of memory that it needs for itself. */
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

  /** `at`: address of {@link Extractor.SIZE} bytes, a multiple of 64. */
  constructor(memory: WebAssembly.Memory, at: number) {
    compiled ??= new WebAssembly.Module(readFileSync(asset('src/runs/kernel/extract.wasm')));
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

  /** A test for windows of `length` bytes anywhere in the memory: does that one look random? */
  gate(length: number): (at: number) => boolean {
    const limits = [scoreLimit(length), leastDistinct(length), pairLimit(length)] as const;
    return (at) => this.#program.looksRandomIn(at, length, ...limits) !== 0;
  }

  /**
   * False where a run of so many words is neither short nor begins as an object does: compressed files are most of what is random in
   * dense memory. Its first word lies at `at` of the memory, `before` bytes can be read before it.
   */
  begins(words: number, at: number, before: number): boolean {
    return words <= LONG || this.#program.begins(at, before) !== 0;
  }

  /** A whole run at `at` of the memory, at `offset` of the file; {@link REACH} bytes can be read on both sides. `keep`: its bytes are wanted as well. */
  run(at: number, words: number, offset: number, into: RecordList, keep = false): void {
    if (!this.begins(words, at, REACH)) {
      into.open(offset, words, true);
      return;
    }
    into.open(offset, words);
    const parts = partsOf(words);
    if (keep)
      for (const part of parts)
        into.keep(new Uint8Array(this.#memory.buffer, at + part.from * 8 - BESIDE, keptLength(part.words)));
    let random = false;
    for (const part of parts) {
      const from = part.from * 8;
      random = this.part(part, at + from, REACH, part.words * 8 + REACH, offset + from, into) || random;
    }
    if (!random) into.dropRun();
  }

  /** Appends what a part of a run holds; false where it does not look random. */
  part(
    { words, starts, ends }: Omit<Part, 'from'>,
    at: number,
    before: number,
    after: number,
    offset: number,
    into: RecordList,
  ): boolean {
    const edges = (starts ? 1 : 0) | (ends ? 2 : 0);
    const most = Math.min(after, words * 8 + REACH);
    const length = this.#program.extract(at, words, Math.min(before, REACH), most, edges, offset, this.#out);
    if (length > 0) into.append(new Uint8Array(this.#memory.buffer, this.#out, length));
    return length >= 0;
  }
}
