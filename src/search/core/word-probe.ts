import type { Kernel } from './kernel.js';
import { type Passes, probeRuns } from './probe-runs.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';

/** Bits of the bitmap, of which one in 256 is set: with more it leaves the cache, and to look there costs more than what it saves. */
const BITS = { least: 16, most: 24, more: 8 };
/** Of the one before it, which stays in the second-level cache: one in 64 is set. */
const LOW_BITS = { least: 12, most: 21, more: 6 };

const bitsFor = (count: number, { least, most, more }: typeof BITS): number =>
  Math.min(most, Math.max(least, Math.ceil(Math.log2(count)) + more));

/** A word that is looked for, at a place of the kernel's memory that is good until the next one is asked for. */
export interface WordSeen<T> {
  label: T;
  bytes: Buffer;
  /** Index of the word in `bytes`; so many bytes can be read before and from it. */
  at: number;
  before: number;
  after: number;
  /** File offset of the word. */
  offset: number;
}

/** Looks at a place where its word stands. */
export type Look = (seen: WordSeen<unknown>) => void;

/** Words of which every place is wanted, whatever its alignment: all who look for one share a single pass over the runs. */
export class WordProbe<T> {
  readonly #labels = new Map<bigint, T[]>();
  readonly #many: { words: BigUint64Array; has: (word: bigint) => boolean; label: T }[] = [];

  /** `word`: eight bytes of what is looked for, read little-endian. */
  want(word: bigint, label: T): void {
    const known = this.#labels.get(word);
    if (known) known.push(label);
    else this.#labels.set(word, [label]);
  }

  /** So many words that they are kept in a column; `has` tells one of them from others. */
  wantAll(words: BigUint64Array, has: (word: bigint) => boolean, label: T): void {
    if (words.length > 0) this.#many.push({ words, has, label });
  }

  /** Who wants this word. */
  #wanting(word: bigint): readonly T[] {
    const known = this.#labels.get(word) ?? [];
    const others = this.#many.filter(({ has }) => has(word));
    return others.length === 0 ? known : [...known, ...others.map(({ label }) => label)];
  }

  *search(kernel: Kernel, bytes: RunBytes, runs: RunList): Generator<WordSeen<T>> {
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
    // A number may begin a word before its run and end one behind it, and some bytes later where it is not aligned.
    const passes: Passes = {
      ...{ first: -8, last: 8, width: 8 },
      probe: (at, length, hits, most) =>
        kernel.call.probeBytes(at, length, lows, lowBits, map, bits, hits, most),
    };
    for (const { at: place, piece } of probeRuns(kernel, bytes, runs, passes)) {
      const wanting = this.#wanting(kernel.bytes.readBigUInt64LE(place));
      if (wanting.length === 0) continue;
      const { at, before, after, offset } = bytes.widened(piece);
      const distance = place - piece.at;
      for (const label of wanting)
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
