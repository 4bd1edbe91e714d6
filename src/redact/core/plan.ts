import { partitionPoint } from '../../core/base/bytes/binary-search.js';
import type { Endian } from '../../core/base/bytes/field-reader.js';
import { grown, nextCapacity } from '../../core/base/bytes/growable-array.js';
import type { Extent } from '../../core/model/report.js';
import type { AddressRanges } from './address-ranges.js';

/** What becomes of the bytes of a part; parts that stay as they are have none. */
export type Change =
  /** Words that fail the test are replaced, those of stacks by a constant and those of registers by 0. */
  | { kind: 'words'; test: WordTest; filler: 'constant' | 'zero' }
  /** Other bytes of the same length. */
  | { kind: 'bytes'; bytes: Uint8Array }
  /** What a heap's records decide, object by object: too many to list. */
  | { kind: 'made'; maker: Maker };

/** Decides which bytes stay while they are read. Reads in file order are the cheapest. */
export interface Maker {
  /**
   * Writes what the copy has from an offset of the file on to `target`, which is 0 throughout. Returns how
   * many of its bytes are those of the file.
   */
  make(offset: number, target: Uint8Array): number;
}

/** Parts of one plan: a core of 100,000 threads has a million. */
const MAX_PARTS = 2 ** 22;
/** Index of no change. */
const KEPT = 0;

/** Parts in one layer, in the order in which they were added. */
class Layer {
  count = 0;
  #offsets = new Float64Array(64);
  #lengths = new Float64Array(64);
  #changes = new Uint32Array(64);

  add(offset: number, length: number, change: number): void {
    if (this.count === this.#offsets.length) {
      const rows = nextCapacity(this.count, MAX_PARTS);
      this.#offsets = grown(this.#offsets, rows, MAX_PARTS);
      this.#lengths = grown(this.#lengths, rows, MAX_PARTS);
      this.#changes = grown(this.#changes, rows, MAX_PARTS);
    }
    this.#offsets[this.count] = offset;
    this.#lengths[this.count] = length;
    this.#changes[this.count++] = change;
  }

  /** By offset; of parts with one offset, the first added comes first. */
  *sorted(): Generator<[start: number, end: number, change: number]> {
    const order = Uint32Array.from({ length: this.count }, (_, index) => index);
    order.sort((a, b) => this.#offsets[a]! - this.#offsets[b]! || a - b);
    for (const index of order) {
      const start = this.#offsets[index]!;
      yield [start, start + this.#lengths[index]!, this.#changes[index]!];
    }
  }
}

/**
 * The allow list of a copy: what is not in it becomes 0. Parts may overlap: replaced bytes come before kept
 * ones, and kept ones before filtered words and what a maker decides.
 */
export class Plan {
  readonly #length: number;
  readonly #changes: (Change | undefined)[] = [undefined];
  readonly #replaced = new Layer();
  readonly #kept = new Layer();
  readonly #filtered = new Layer();
  /** True if parts were left out, since there were too many. */
  overflowed = false;

  /** `length`: of the file in bytes. */
  constructor(length: number) {
    this.#length = length;
  }

  /** These bytes stay. */
  keep({ offset, length }: Extent): void {
    this.#add(this.#kept, offset, length, KEPT);
  }

  /** Words that pass the test stay. */
  filter({ offset, length }: Extent, test: WordTest, filler: 'constant' | 'zero'): void {
    const inFile = Math.min(length, this.#length - offset);
    const whole = inFile - (inFile % test.word);
    this.#add(this.#filtered, offset, whole, this.#changes.push({ kind: 'words', test, filler }) - 1);
  }

  /** Other bytes take the place of those at an offset. */
  replace(offset: number, bytes: Uint8Array): void {
    this.#add(this.#replaced, offset, bytes.length, this.#changes.push({ kind: 'bytes', bytes }) - 1);
  }

  /** A maker decides about these bytes. */
  make({ offset, length }: Extent, maker: Maker): void {
    this.#add(this.#filtered, offset, length, this.#changes.push({ kind: 'made', maker }) - 1);
  }

  #add(layer: Layer, offset: number, length: number, change: number): void {
    const inFile = Math.min(length, this.#length - offset);
    if (!(offset >= 0) || !(inFile > 0)) return;
    if (layer.count >= MAX_PARTS) this.overflowed = true;
    else layer.add(offset, inFile, change);
  }

  /** The parts, ascending and disjoint. */
  finish(): PlannedParts {
    let parts = PlannedParts.of(this.#replaced, this.#changes);
    parts = parts.with(PlannedParts.of(this.#kept, this.#changes));
    return parts.with(PlannedParts.of(this.#filtered, this.#changes));
  }
}

/** Parts of a file, ascending and disjoint. */
export class PlannedParts {
  readonly #changes: readonly (Change | undefined)[];
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** Where the change of a part begins: before the part, if its first bytes belong to another. */
  readonly #origins: Float64Array;
  readonly #which: Uint32Array;
  readonly count: number;

  private constructor(
    changes: readonly (Change | undefined)[],
    [starts, ends, origins, which]: readonly [Float64Array, Float64Array, Float64Array, Uint32Array],
    count: number,
  ) {
    this.#changes = changes;
    this.#starts = starts;
    this.#ends = ends;
    this.#origins = origins;
    this.#which = which;
    this.count = count;
  }

  /** The parts of one layer; where they overlap, the first in the file has the bytes. */
  static of(layer: Layer, changes: readonly (Change | undefined)[]): PlannedParts {
    const columns = emptyColumns(layer.count);
    const [starts, ends, origins, which] = columns;
    let count = 0;
    for (const [start, end, change] of layer.sorted()) {
      const before = count === 0 ? 0 : ends[count - 1]!;
      const from = Math.max(start, before);
      if (from >= end) continue;
      if (change === KEPT && from === before && count > 0 && which[count - 1] === KEPT) {
        ends[count - 1] = end;
        continue;
      }
      starts[count] = from;
      ends[count] = end;
      origins[count] = start;
      which[count++] = change;
    }
    return new PlannedParts(changes, columns, count);
  }

  /** These parts, and what they leave of others. */
  with(others: PlannedParts): PlannedParts {
    const columns = emptyColumns(2 * this.count + others.count);
    const [starts, ends, origins, which] = columns;
    let count = 0;
    const push = (from: PlannedParts, index: number, start: number, end: number): void => {
      starts[count] = start;
      ends[count] = end;
      origins[count] = from.#origins[index]!;
      which[count++] = from.#which[index]!;
    };
    let mine = 0;
    for (let index = 0; index < others.count; index++) {
      let from = others.#starts[index]!;
      const end = others.#ends[index]!;
      for (; mine < this.count && this.#starts[mine]! < end; mine++) {
        if (this.#starts[mine]! > from) push(others, index, from, this.#starts[mine]!);
        if (this.#ends[mine]! > end) break;
        push(this, mine, this.#starts[mine]!, this.#ends[mine]!);
        from = Math.max(from, this.#ends[mine]!);
      }
      const covered = mine < this.count && this.#starts[mine]! < end ? this.#starts[mine]! : end;
      if (from < covered && covered === end) push(others, index, from, end);
    }
    for (; mine < this.count; mine++) push(this, mine, this.#starts[mine]!, this.#ends[mine]!);
    return new PlannedParts(this.#changes, columns, count);
  }

  /** Index of the first part that ends after an offset. */
  firstAfter(offset: number): number {
    return partitionPoint(this.count, (index) => this.#ends[index]! <= offset);
  }

  /** True if a part has bytes between two offsets. */
  touches(from: number, to: number): boolean {
    const index = this.firstAfter(from);
    return index < this.count && this.#starts[index]! < to;
  }

  at(index: number): { start: number; end: number; origin: number; change: Change | undefined } {
    return {
      start: this.#starts[index]!,
      end: this.#ends[index]!,
      origin: this.#origins[index]!,
      change: this.#changes[this.#which[index]!],
    };
  }

  /** Bytes in parts of which nothing is decided while they are read. */
  get keptBytes(): number {
    let sum = 0;
    for (let index = 0; index < this.count; index++)
      if (!UNDECIDED.has(this.#changes[this.#which[index]!]?.kind))
        sum += this.#ends[index]! - this.#starts[index]!;
    return sum;
  }
}

const UNDECIDED: ReadonlySet<Change['kind'] | undefined> = new Set(['words', 'made']);

const emptyColumns = (rows: number) =>
  [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows), new Uint32Array(rows)] as const;

/** Which words stay: addresses of code, and of the stacks of the thread that they belong to. */
export interface WordTest {
  /** Bytes of a word. */
  word: 4 | 8;
  endian: Endian;
  code: AddressRanges;
  stacks: AddressRanges;
}

/** Words of stacks, by what became of them. */
export interface WordCounts {
  words: number;
  code: number;
  stack: number;
  dropped: number;
}

export const noWords = (): WordCounts => ({ words: 0, code: 0, stack: 0, dropped: 0 });

/**
 * Half of what a dropped stack word becomes; Breakpad and Crashpad write the same. A debugger without unwind
 * tables guesses word by word and stops at 0, so that zeros in place of data would lose frames.
 */
const DEFACED = 0x0defaced;

/**
 * Replaces in place all words that fail the test; 0 stays. `filler`: the constant is for words of stacks, 0
 * for registers. The length is a multiple of the word.
 */
export function filterWords(
  bytes: Uint8Array,
  test: WordTest,
  filler: 'constant' | 'zero',
  counts: WordCounts,
): void {
  const { word, endian, code, stacks } = test;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endian === 'le';
  const fill = filler === 'constant' ? DEFACED : 0;
  const [lowAt, highAt] = little ? [0, 4] : [4, 0];
  for (let at = 0; at + word <= bytes.length; at += word) {
    counts.words++;
    let value: number;
    if (word === 8) {
      const low = view.getUint32(at + lowAt, little);
      const high = view.getUint32(at + highAt, little);
      if (low === 0 && high === 0) continue;
      value = high * 2 ** 32 + low;
    } else {
      value = view.getUint32(at, little);
      if (value === 0) continue;
    }
    if (stacks.has(value)) counts.stack++;
    else if (code.has(value)) counts.code++;
    else {
      counts.dropped++;
      view.setUint32(at, fill, little);
      if (word === 8) view.setUint32(at + 4, fill, little);
    }
  }
}
