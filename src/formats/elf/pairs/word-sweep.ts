import { upperBound } from '../../../core/base/bytes/binary-search.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { isZero } from '../../../core/base/bytes/zeros.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { Segment } from '../../memory/types.js';
import { SHIFTS } from './texts.js';

const READ = 2 ** 20;
const WASM_PAGE = 2 ** 16;
/** Bytes that are passed over together if they are zero, as most of the memory of a process is. */
const STRIDE = 2 ** 14;
/** Bytes of memory for one bit of the filter: references lead to places at most as far before a text. */
const BLOCK = 64;
const SMALLEST = 2 ** 16;
/** 16 MiB: a random word passes one of 4 million targets by a chance of 1 in 16. */
const LARGEST = 2 ** 27;
/** User space has addresses of 47 bits. */
const HIGH_WORDS = 2 ** 15;

/** The addresses that are looked for: ranges by their ends, ascending. */
export interface Goals {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** A filter for words that lead into one of some ranges: a bit for each block of memory. */
class BlockFilter {
  readonly #bits: Uint8Array;
  readonly #mask: number;
  readonly highWords = new Uint8Array(HIGH_WORDS);

  constructor({ starts, ends }: Goals) {
    let size = SMALLEST;
    while (size < LARGEST && size < 32 * starts.length) size *= 2;
    this.#bits = new Uint8Array(size / 8);
    this.#mask = size - 1;
    for (const [i, start] of starts.entries())
      for (let block = Math.floor(start / BLOCK); block * BLOCK < ends[i]!; block++) this.#add(block);
  }

  #add(block: number): void {
    const high = Math.floor((block * BLOCK) / 2 ** 32);
    if (high >= HIGH_WORDS) return;
    this.highWords[high] = 1;
    const bit = (block & this.#mask) >>> 0;
    this.#bits[bit >>> 3]! |= 1 << (bit & 7);
  }

  has(low: number, high: number): boolean {
    const bit = ((low >>> 6) | (high << 26)) & this.#mask;
    return (this.#bits[bit >>> 3]! & (1 << (bit & 7))) !== 0;
  }
}

/** Called with the address of a word, and the index of the goal that it leads into. */
export type Visit = (word: number, goal: number) => void;

type Check = (word: number, target: number) => void;

/**
 * Reads the aligned words of segments, and calls `visit` for those that lead into one of the goals. `word`:
 * bytes of a reference; one of four is an address as it is, or shifted. Returns the parts that are not zero,
 * for the next sweep.
 */
export function* sweepWords(
  reader: ByteReader,
  segments: readonly Segment[],
  goals: Goals,
  word: 4 | 8,
  visit: Visit,
): Pausing<never, Segment[]> {
  const filter = new BlockFilter(goals);
  // Aligned for direct reads.
  const bytes = new Uint8Array(new WebAssembly.Memory({ initial: READ / WASM_PAGE }).buffer);
  const words = new Uint32Array(bytes.buffer);
  const check: Check = (address, target) => {
    const goal = upperBound(goals.ends, target);
    // Behind the last goal `starts[goal]` is undefined, and the comparison false.
    if (goals.starts[goal]! <= target) visit(address, goal);
  };
  const find = word === 8 ? findPointers : findReferences;
  const dense: Segment[] = [];
  for (const { address, offset, length } of segments) {
    const skipped = (8 - Number(address % 8n)) % 8;
    for (let at = skipped; at < length; at += READ) {
      const read = reader.read(offset + at, bytes.subarray(0, Math.min(READ, length - at)));
      for (let start = 0; start < read; start += STRIDE) {
        const end = Math.min(start + STRIDE, read);
        if (isZero(bytes.subarray(start, end))) continue;
        const place = at + start;
        find(words.subarray(start >>> 2, end >>> 2), Number(address) + place, filter, check);
        extend(dense, { offset: offset + place, address: address + BigInt(place), length: end - start });
      }
      yield;
      if (read < Math.min(READ, length - at)) break;
    }
  }
  return dense;
}

/** Adds a part, to the last one if it goes on there. */
function extend(parts: Segment[], part: Segment): void {
  const last = parts.at(-1);
  const goesOn =
    last !== undefined &&
    last.offset + last.length === part.offset &&
    last.address + BigInt(last.length) === part.address;
  if (goesOn) last.length += part.length;
  else parts.push(part);
}

type Find = (words: Uint32Array, address: number, filter: BlockFilter, check: Check) => void;

const findPointers: Find = (words, address, filter, check) => {
  const { highWords } = filter;
  const count = words.length - 1;
  for (let i = 0; i < count; i += 2) {
    const high = words[i + 1]!;
    const low = words[i]!;
    if ((low | high) === 0 || high >= HIGH_WORDS || highWords[high] === 0) continue;
    if (filter.has(low, high)) check(address + 4 * i, high * 2 ** 32 + low);
  }
};

const findReferences: Find = (words, address, filter, check) => {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === 0) continue;
    if (filter.has(word, 0)) check(address + 4 * i, word);
    if (filter.has(word << 3, word >>> 29)) check(address + 4 * i, word * SHIFTS[1]!);
  }
};
