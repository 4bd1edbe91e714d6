import { grown, release } from '../../core/base/bytes/growable-array.js';
import { toNumber, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { FilePlace, Run, WordEncoding } from '../core/types.js';
import { WordIndex } from '../core/word-index.js';
import type { PlacedNumber } from './placed-number.js';
import { SkippedRange } from './skipped-range.js';

/** Bytes of the windows of one size: for moduli of end entities and targets, and for others. */
const MAX_BYTES = { wanted: 32 << 20, others: 8 << 20 };
/**
 * Windows of one size that do not fill their run. Cores have some hundred; with more, the budget would cover
 * fewer moduli.
 */
export const MAX_OTHERS = 1024;

/** An odd multiplier, which spreads every bit. */
const HASH_MULTIPLIER = 0x9e3779b1;

/**
 * Windows of one size at places where a number has a memory block, or the end of one, to itself, or has a
 * header. Windows that fill their run, give or take a word, come first in the order of indices.
 */
export class RunEdgeWindows {
  readonly words: number;
  /** Runs dropped for lack of space. */
  readonly skipped = new SkippedRange();
  readonly #mostOthers: number;
  readonly #mostBytes: number;
  readonly #filling: WindowStore;
  readonly #others: WindowStore;
  /** By index: the place of a text whose octets the window holds. */
  readonly #texts = new Map<number, FilePlace>();
  /** Indices of octets at any byte. */
  readonly #byteOrdered = new Set<number>();
  #seen = new WordIndex();

  /** `mostOthers`: windows that do not fill their run; with 0 none are wanted, and none count as skipped. */
  constructor(words: number, mostOthers = MAX_OTHERS, isWanted = false) {
    this.words = words;
    this.#mostBytes = isWanted ? MAX_BYTES.wanted : MAX_BYTES.others;
    this.#mostOthers = mostOthers;
    this.#filling = new WindowStore(words * 8);
    this.#others = new WindowStore(words * 8);
  }

  /** True if a number of this size fills the run. */
  fills({ words }: Run): boolean {
    return Math.abs(words - this.words) <= 1;
  }

  /** False if there is no space for windows of the run, which then counts as skipped. */
  accepts(run: Run): boolean {
    const fills = this.fills(run);
    const hasSpace = this.length * this.words * 8 < this.#mostBytes;
    if (hasSpace && (fills || this.#others.length < this.#mostOthers)) return true;
    if (fills || this.#mostOthers > 0) {
      const likely = fills ? 1 : 0;
      this.skipped.add(run.offset, run.offset + run.words * 8, 1, likely);
    }
    return false;
  }

  /** Adds a window of an accepted run, unless an equal one is present. */
  add(window: Buffer, at: { offset: number; fills: boolean; isArray: boolean }): void {
    const hash = hashOf(window);
    if (this.#seen.has(hash)) return;
    this.#seen.add(hash);
    (at.fills ? this.#filling : this.#others).add(window, at.offset, at.isArray);
  }

  /** Adds a number found as text. Texts are added before all other windows. */
  addText(octets: Buffer, place: FilePlace): void {
    const index = this.#filling.length;
    this.add(octets, { offset: place.offset, fills: true, isArray: false });
    if (this.#filling.length > index) this.#texts.set(index, place);
  }

  /** Adds octets at any byte: a DER INTEGER, or a number next to zeros. */
  addOctets(octets: Buffer, offset: number): void {
    const index = this.#filling.length;
    this.add(octets, { offset, fills: true, isArray: false });
    if (this.#filling.length > index) this.#byteOrdered.add(index);
  }

  /** True for octets at any byte, which are no window of the extractor. */
  isByteOrdered(index: number): boolean {
    return this.#byteOrdered.has(index);
  }

  /** Ends the collection: windows can no longer be added. */
  close(): void {
    this.#seen = new WordIndex();
  }

  get length(): number {
    return this.fillingCount + this.#others.length;
  }

  get fillingCount(): number {
    return this.#filling.length;
  }

  stored(index: number): Buffer {
    const [store, at] = this.#locate(index);
    return store.stored(at);
  }

  offset(index: number): number {
    const [store, at] = this.#locate(index);
    return store.offset(at);
  }

  number(index: number, reading: WordEncoding): PlacedNumber {
    const { stored, ...place } = this.windowAt(index, reading);
    return { value: toNumber(stored, reading), ...place };
  }

  /** The stored bytes of a window and its place. */
  windowAt(index: number, reading: WordEncoding): FilePlace & { stored: Buffer } {
    const stored = this.stored(index);
    const place = this.#texts.get(index) ?? { offset: this.offset(index), length: stored.length, reading };
    return { stored, ...place };
  }

  /** `int32-msw` occurs in arrays of integers only. Octets are big-endian. */
  allows(index: number, reading: WordEncoding): boolean {
    if (this.#texts.has(index) || this.#byteOrdered.has(index)) return reading === 'bytes-be';
    if (reading !== 'int32-msw') return true;
    const [store, at] = this.#locate(index);
    return store.isArray(at);
  }

  encodingsOf(index: number): readonly WordEncoding[] {
    return WORD_ENCODINGS.filter((reading) => this.allows(index, reading));
  }

  /** The window in each encoding that it allows. */
  numbers(index: number): PlacedNumber[] {
    return this.encodingsOf(index).map((reading) => this.number(index, reading));
  }

  /** File offsets that the windows [first, end) span. */
  range(first: number, end: number): { from: number; to: number } {
    let [from, to] = [Number.POSITIVE_INFINITY, 0];
    for (let index = first; index < end; index++) {
      const offset = this.offset(index);
      from = Math.min(from, offset);
      to = Math.max(to, offset);
    }
    return { from, to: to + this.words * 8 };
  }

  release(): void {
    this.#filling.release();
    this.#others.release();
  }

  #locate(index: number): [store: WindowStore, at: number] {
    return index < this.fillingCount ? [this.#filling, index] : [this.#others, index - this.fillingCount];
  }
}

/** A 64-bit hash of all words, so that a copy with some words overwritten is another window. */
function hashOf(window: Buffer): bigint {
  let [low, high] = [0, 0];
  for (let at = 0; at < window.length; at += 8) {
    low = Math.imul(low ^ window.readUInt32LE(at), HASH_MULTIPLIER);
    high = Math.imul(high ^ window.readUInt32LE(at + 4), HASH_MULTIPLIER);
    low = (low << 7) | (low >>> 25);
    high = (high << 7) | (high >>> 25);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/**
 * True if the length of an array of 32-bit integers precedes `at`, possibly padded
 * (src/sweep/runs/kernel/gate.as.ts).
 */
export const isIntArray = (bytes: Buffer, at: number, integers: number): boolean =>
  bytes.readUInt32LE(at - 4) === integers || bytes.readUInt32LE(at - 8) === integers;

/** Initial capacity in windows, and bytes that callers keep below. */
const INITIAL_WINDOWS = 32;
const MAX_STORED = 32 << 20;

/**
 * Windows of one length with their places, in columns: an object and a buffer per window would need more
 * memory.
 */
class WindowStore {
  length = 0;
  /** Capacity: the length of a resizable column is slow to read. */
  #room = INITIAL_WINDOWS;
  readonly #size: number;
  #bytes: Buffer;
  #offsets = new Float64Array(INITIAL_WINDOWS);
  #arrays = new Uint8Array(INITIAL_WINDOWS);

  /** `size` of a window in bytes. */
  constructor(size: number) {
    this.#size = size;
    this.#bytes = Buffer.alloc(INITIAL_WINDOWS * size);
  }

  /** `isArray`: the window begins an array of integers. */
  add(window: Uint8Array, offset: number, isArray: boolean): void {
    if (this.length === this.#room) this.#grow();
    this.#bytes.set(window, this.length * this.#size);
    this.#offsets[this.length] = offset;
    this.#arrays[this.length] = isArray ? 1 : 0;
    this.length++;
  }

  stored(index: number): Buffer {
    return this.#bytes.subarray(index * this.#size, (index + 1) * this.#size);
  }

  offset(index: number): number {
    return this.#offsets[index]!;
  }

  isArray(index: number): boolean {
    return this.#arrays[index] === 1;
  }

  release(): void {
    this.length = 0;
    release(new Uint8Array(this.#bytes.buffer));
  }

  #grow(): void {
    const room = 2 * this.#room;
    this.#room = room;
    const most = Math.max(room, Math.ceil(MAX_STORED / this.#size));
    const bytes = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    const { buffer, length } = grown(bytes, room, most, this.#size);
    this.#bytes = Buffer.from(buffer, 0, length);
    this.#offsets = grown(this.#offsets, room, most);
    this.#arrays = grown(this.#arrays, room, most);
  }
}
