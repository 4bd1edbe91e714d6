import { IntColumn } from '../../../core/base/bytes/int-column.js';
import type { Extent } from '../../../core/model/report.js';
import type { RandomRuns } from '../../memory/types.js';
import { AscendingSet } from './ascending-set.js';

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
