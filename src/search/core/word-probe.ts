import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import type { NumberKernel } from './kernel.js';
import { type Passes, probeRuns } from './probe-runs.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';

/**
 * Size of the bitmap as a power of two. One bit in 256 is set; a larger bitmap costs more cache misses than
 * it saves.
 */
const BITS = { least: 16, most: 24, more: 8 };
/** Size of the first bitmap, which fits the second-level cache: one bit in 64 is set. */
const LOW_BITS = { least: 12, most: 21, more: 6 };

/** Places between two pauses. */
const PACE = 256;

const bitsFor = (count: number, { least, most, more }: typeof BITS): number =>
  Math.min(most, Math.max(least, Math.ceil(Math.log2(count)) + more));

/** A place of a word in the kernel's memory, valid until the next one. */
export interface WordSeen<T> {
  label: T;
  bytes: Buffer;
  /** Index of the word in `bytes`; readable bytes before and from it. */
  at: number;
  before: number;
  after: number;
  /** File offset of the word. */
  offset: number;
}

export type WordHandler = (seen: WordSeen<unknown>) => void;

/** Searches words at every byte of the runs: all searches share a single pass. */
export class WordProbe<T> {
  readonly #labels = new Map<bigint, T[]>();
  readonly #many: { words: BigUint64Array; has: (word: bigint) => boolean; label: T }[] = [];

  /** `word`: eight bytes of the target, little-endian. */
  add(word: bigint, label: T): void {
    const known = this.#labels.get(word);
    if (known) known.push(label);
    else this.#labels.set(word, [label]);
  }

  /** A column of words; `has` tests membership. */
  addColumn(words: BigUint64Array, has: (word: bigint) => boolean, label: T): void {
    if (words.length > 0) this.#many.push({ words, has, label });
  }

  #labelsOf(word: bigint): readonly T[] {
    const known = this.#labels.get(word) ?? [];
    const others = this.#many.filter(({ has }) => has(word));
    return others.length === 0 ? known : [...known, ...others.map(({ label }) => label)];
  }

  *search(kernel: NumberKernel, bytes: RunBytes, runs: RunList): Pausing<WordSeen<T>> {
    const columns = [BigUint64Array.from(this.#labels.keys()), ...this.#many.map(({ words }) => words)];
    const count = columns.reduce((sum, { length }) => sum + length, 0);
    if (count === 0) return;
    const [bits, lowBits] = [bitsFor(count, BITS), bitsFor(count, LOW_BITS)];
    const map = kernel.allocate(1 << (bits - 3));
    const lows = kernel.allocate(1 << (lowBits - 3));
    const words = kernel.allocate(count * 8);
    const target = kernel.u64(words, count);
    let filled = 0;
    for (const column of columns) {
      target.set(column, filled);
      filled += column.length;
    }
    kernel.call.mark(words, count, map, bits);
    kernel.call.markLows(words, count, lows, lowBits);
    // A number may begin a word before its run and end one behind it, or some bytes later if it is not
    // aligned.
    const passes: Passes = {
      ...{ first: -8, last: 8, width: 8 },
      probe: (at, length, hits, most) =>
        kernel.call.probeBytes(at, length, lows, lowBits, map, bits, hits, most),
    };
    const pace = new Pace(PACE);
    for (const { at: place, piece } of probeRuns(kernel, bytes, runs, passes)) {
      if (pace.isDue()) yield;
      const labels = this.#labelsOf(kernel.bytes.readBigUInt64LE(place));
      if (labels.length === 0) continue;
      const { at, before, after, offset } = bytes.widened(piece);
      const distance = place - piece.at;
      for (const label of labels)
        yield {
          label,
          bytes: kernel.bytes,
          at: at + distance,
          before: before + distance,
          after: after - distance,
          offset: offset + distance,
        };
    }
  }
}
