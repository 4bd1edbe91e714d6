import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { HprofFile } from '../records/file.js';
import type { Checkpoint } from '../records/walk.js';
import type { IdTable } from './id-table.js';
import { type ObjectVisitor, u32, walkObjects } from './walk-objects.js';

/** Bytes of the file for each block, at least. */
const STEP = 256 * 1024;
const MOST_BLOCKS = 2 ** 17;

/** Objects from a checkpoint to the first that starts at or after `until`. */
export interface HeapPart {
  from: Checkpoint;
  until: number;
}

/**
 * A sparse index of objects: for each 256 KiB of the file the first object, and the least and greatest
 * identifier. HotSpot writes objects in ascending order, so that few blocks may have an identifier; where
 * they overlap (parallel dumps, Android) all of those are read.
 */
export class ObjectIndex {
  readonly #file: HprofFile;
  readonly #step: number;
  /** By block: offset of its first object, end of that one's heap, identifiers. */
  readonly #offsets: number[] = [];
  readonly #heapEnds: number[] = [];
  readonly #least: number[] = [];
  readonly #most: number[] = [];

  constructor(file: HprofFile) {
    this.#file = file;
    this.#step = Math.max(STEP, Math.ceil(file.length / MOST_BLOCKS));
  }

  /** Called for each object, in file order. */
  add(high: number, low: number, offset: number, heapEnd: number): void {
    const id = high * 2 ** 32 + low;
    const last = this.#offsets.length - 1;
    if (last < 0 || offset - this.#offsets[last]! >= this.#step) {
      this.#offsets.push(offset);
      this.#heapEnds.push(heapEnd);
      this.#least.push(id);
      this.#most.push(id);
    } else if (id < this.#least[last]!) this.#least[last] = id;
    else if (id > this.#most[last]!) this.#most[last] = id;
  }

  /** Parts of the heap that begin with an object, in file order, of `length` bytes or little more. */
  *parts(length: number): Generator<HeapPart> {
    const offsets = this.#offsets;
    for (let block = 0; block < offsets.length; ) {
      const from = { offset: offsets[block]!, heapEnd: this.#heapEnds[block]! };
      do block++;
      while (block < offsets.length && offsets[block]! - from.offset < length);
      yield { from, until: offsets[block] ?? this.#file.length };
    }
  }

  /** Visits the objects with these identifiers, and no others, in file order. */
  *find(ids: IdTable, visitor: Pick<ObjectVisitor, 'instance' | 'primitives' | 'elements'>): Pausing<never> {
    if (ids.count === 0) return;
    const sorted = Float64Array.from({ length: ids.count }, (_, i) => ids.numberOf(i)).sort();
    const isWanted = wantedBy(this.#file, ids);
    const filtered: ObjectVisitor = {
      wanted: ids,
      instance(bytes, head, data, end) {
        if (isWanted(bytes, head)) visitor.instance?.(bytes, head, data, end);
      },
      primitives(bytes, head, ...rest) {
        if (isWanted(bytes, head)) visitor.primitives?.(bytes, head, ...rest);
      },
      elements(bytes, heads, head, ...rest) {
        if (visitor.elements && isWanted(heads, head)) visitor.elements(bytes, heads, head, ...rest);
      },
    };
    for (let block = 0; block < this.#offsets.length; block++) {
      if (!this.#mayHave(block, sorted)) continue;
      const first = block;
      while (this.#mayHave(block + 1, sorted)) block++;
      const from = { offset: this.#offsets[first]!, heapEnd: this.#heapEnds[first]! };
      yield* walkObjects(this.#file, from, this.#offsets[block + 1] ?? this.#file.length, filtered);
    }
  }

  #mayHave(block: number, sorted: Float64Array): boolean {
    if (block >= this.#offsets.length) return false;
    const least = this.#least[block]!;
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (sorted[middle]! < least) from = middle + 1;
      else to = middle;
    }
    return from < sorted.length && sorted[from]! <= this.#most[block]!;
  }
}

/** Tests if the object whose sub-record begins at `head` has one of the identifiers. */
function wantedBy(file: HprofFile, ids: IdTable): (bytes: DataView, head: number) => boolean {
  const isWide = file.header.idSize === 8;
  return (bytes, head) => {
    const low = u32(bytes, head + (isWide ? 5 : 1));
    return ids.mayHave(low) && ids.indexOf(isWide ? u32(bytes, head + 1) : 0, low) >= 0;
  };
}
