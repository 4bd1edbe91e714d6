import { IntColumn } from '../../../core/base/bytes/int-column.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { Extent } from '../../../core/model/report.js';
import type { RandomRuns } from '../../memory/types.js';
import { AscendingSet } from './ascending-set.js';

const READ = 2 ** 18;
/** Bytes of about 512 strings. */
const NEAR = 2 ** 15;
/** Strings between two whose places are kept. */
const EACH = 512;
const [QUOTE, BACKSLASH, CLOSE] = [0x22, 0x5c, 0x5d];
/** Characters of a name that are read. */
const LONGEST = 256;

/** Called for each string: its number and its file offsets, without quotes. False ends the walk. */
type Visit = (number: number, start: number, end: number) => boolean;

/** The list of strings of a heap snapshot. */
export class StringList {
  readonly #reader: ByteReader;
  /** File offset of the quote before each 512th string. */
  readonly #places: number[] = [];
  #count = 0;
  /** Bytes of the list from the file offset {@link #base} on. */
  readonly #bytes = Buffer.alloc(READ);
  #base = 0;
  #filled = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  get length(): number {
    return this.#count;
  }

  /**
   * Reads the list, whose bracket is before `from`. Returns the strings that one of the runs (ascending)
   * begins in, and the numbers of those that are one of `words`.
   */
  *open(
    from: number,
    runs: RandomRuns,
    words: readonly string[],
  ): Pausing<never, { held: HeldStrings; words: Map<number, string> }> {
    const { offsets } = runs;
    const held = new HeldStrings(runs);
    const found = new Map<number, string>();
    const wordLengths = new Set(words.map((word) => word.length));
    let next = 0;
    yield* this.#walk(from, 0, READ, (number, start, end) => {
      if (number % EACH === 0) this.#places.push(start - 1);
      this.#count = number + 1;
      while (offsets[next]! < start) next++;
      if (offsets[next]! < end) held.add(number, start, end, next);
      if (wordLengths.has(end - start)) {
        const text = this.#text(start, end);
        if (words.includes(text)) found.set(number, text);
      }
      return true;
    });
    return { held, words: found };
  }

  /** Passes on the first 256 bytes of strings. `numbers`: ascending. */
  *texts(numbers: ArrayLike<number>, take: (number: number, text: string) => void): Pausing<never> {
    for (let i = 0; i < numbers.length; ) {
      const place = Math.floor(numbers[i]! / EACH);
      const from = this.#places[place];
      if (from === undefined) break;
      yield* this.#walk(from, place * EACH, NEAR, (number, start, end) => {
        if (number === numbers[i]) {
          take(number, this.#text(start, Math.min(end, start + LONGEST)));
          while (numbers[i] === number) i++;
        }
        return i < numbers.length && Math.floor(numbers[i]! / EACH) <= place + 1;
      });
      // A number that the list does not have.
      if (numbers[i]! >= this.#count) break;
    }
  }

  #text(start: number, end: number): string {
    const [from, to] = [start - this.#base, end - this.#base];
    if (from >= 0 && to <= this.#filled) return this.#bytes.toString('utf8', from, to);
    const bytes = Buffer.alloc(end - start);
    return bytes.subarray(0, this.#reader.read(start, bytes)).toString('utf8');
  }

  /** `size`: bytes that are read at once. */
  *#walk(from: number, first: number, size: number, visit: Visit): Pausing<never> {
    const bytes = this.#bytes.subarray(0, size);
    let number = first;
    let start = -1;
    let isEscaped = false;
    for (let base = from; base < this.#reader.length; ) {
      const filled = this.#reader.read(base, bytes);
      [this.#base, this.#filled] = [base, filled];
      for (let at = 0; at < filled; at++) {
        const byte = bytes[at]!;
        if (start < 0) {
          if (byte === QUOTE) start = base + at + 1;
          else if (byte === CLOSE) return;
        } else if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) {
          if (!visit(number++, start, base + at)) return;
          start = -1;
        }
      }
      if (filled === 0) return;
      base += filled;
      yield;
    }
  }
}

/** Owners of one value that are named: the rest says no more. */
const MOST_OWNERS = 8;

/**
 * Strings that a random-looking run begins in, in columns: there may be millions. Each has a value, and one
 * more for a slice of it: its run, if that is the only one. The place of a slice is not in a snapshot.
 */
export class HeldStrings {
  /** Their places in the list of strings. */
  readonly numbers = new AscendingSet();
  readonly #runs: RandomRuns;
  /** By string: its first run, twice, plus 1 if that is the only one; bytes before that; length in bytes. */
  readonly #firsts = new IntColumn();
  readonly #before = new IntColumn();
  readonly #lengths = new IntColumn();
  /** Named owners of each value. */
  #owners = new Uint8Array(64);

  constructor(runs: RandomRuns) {
    this.#runs = runs;
  }

  /** Values that there may be. */
  get valueCount(): number {
    return 2 * this.#firsts.count;
  }

  /** Adds the string of a number, at file offsets [start, end), that the run `first` begins in. */
  add(number: number, start: number, end: number, first: number): void {
    const isOnly = !(this.#runs.offsets[first + 1]! < end);
    this.numbers.add(number);
    this.#firsts.push(2 * first + (isOnly ? 1 : 0));
    this.#before.push(this.#runs.offsets[first]! - start);
    this.#lengths.push(end - start);
  }

  /** The value of a whole string, by the index of its number. */
  wholeOf(index: number): number {
    return 2 * index;
  }

  /** The value of what a slice of a value has; undefined if nothing can be said. */
  sliceOf(value: number): number | undefined {
    const isWhole = value % 2 === 0;
    return isWhole && this.#firsts.at(value >>> 1) % 2 === 1 ? value + 1 : undefined;
  }

  extentOf(value: number): Extent {
    const index = value >>> 1;
    const run = this.#firsts.at(index) >>> 1;
    const at = this.#runs.offsets[run]!;
    const before = this.#before.at(index) >>> 0;
    const length = this.#lengths.at(index) >>> 0;
    if (value % 2 === 0) return { offset: at - before, length };
    return { offset: at, length: Math.min(this.#runs.lengths[run]!, length - before) };
  }

  /** Counts an owner of a value; false if it has enough. */
  takesOwner(value: number): boolean {
    if (this.#owners.length < this.valueCount) {
      const owners = new Uint8Array(this.valueCount);
      owners.set(this.#owners);
      this.#owners = owners;
    }
    if (this.#owners[value]! >= MOST_OWNERS) return false;
    this.#owners[value]!++;
    return true;
  }
}
