import { upperBound } from '../base/bytes/binary-search.js';
import { FORMS, type WindowForm } from './window-streams.js';
import {
  bitsOf,
  COLUMNS,
  hashOf,
  LEAST_DISTINCT,
  STEP,
  shiftFor,
  TEXT_KEY,
  type WindowTable,
} from './window-table.js';

/** A part of a value: positions in its stream, and bytes of the buffer. */
interface Match {
  from: number;
  to: number;
  start: number;
  end: number;
}

/** Receives the bytes [start, end) of the buffer. */
export type Found = (start: number, end: number) => void;

/** Longest run of line breaks, indentation and quotes between two characters. */
const MOST_BREAKS = 128;
/** Odd and even bytes of a word: NUL in UTF-16 of ASCII. */
const ODD = 0xff00ff00;
const EVEN = 0x00ff00ff;
const NOT_ASCII = 0x80808080;
const FIRST_CHARACTER = 0xff;
const SECOND_CHARACTER = 0xff0000;

const isBreak = new Uint8Array(256);
for (const character of Buffer.from(' \t\r\n"\'', 'latin1')) isBreak[character] = 1;
const isEscaped = new Uint8Array(256);
for (const character of Buffer.from('nrt', 'latin1')) isEscaped[character] = 1;
const BACKSLASH = 0x5c;

/**
 * Comparisons for each byte of a buffer, and what a match costs besides its own. A value that repeats itself,
 * in memory that does the same, matches everywhere at many of its positions.
 */
const WORK_EACH = 64;
const LEAST_WORK = 2 ** 18;
const MATCH_WORK = 64;

/** Memory for {@link WindowScanner} that has room for `length` bytes. */
export const scannable = (length: number): Uint8Array => new Uint8Array(4 * Math.ceil(length / 4) + TEXT_KEY);

/** Finds windows of a table in a buffer: a map of bits first, then the table, then the values themselves. */
export class WindowScanner {
  readonly #table: WindowTable;
  readonly #slots: number;
  readonly #bytes: Uint8Array;
  /** The same memory in words. */
  readonly #words: Int32Array;
  /** As signed numbers, which need no conversion. */
  readonly #map: Int32Array;
  /** Characters of UTF-16, to be looked up. */
  readonly #narrow = new DataView(new ArrayBuffer(TEXT_KEY));
  readonly #distinct = new Uint8Array(256);
  #length = 0;
  /** By the stream and the place in the buffer where it would begin: end of its last match. */
  #last = { stream: -1, origin: 0, stride: 1, end: 0 };
  #work = 0;
  /** Of the last value that was not compared. */
  #whole = { start: 0, end: 0 };

  /** `bytes`: the buffer, of whole words at the start of its memory. */
  constructor(table: WindowTable, bytes: Uint8Array) {
    this.#table = table;
    this.#slots = table.slots.length / COLUMNS;
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer, 0, bytes.length >>> 2);
    this.#map = new Int32Array(table.map.buffer);
  }

  /**
   * All whose keys are at multiples of {@link STEP} in [from, to), of the first `length` bytes of the buffer.
   * What is found may reach beyond both bounds.
   */
  scan(length: number, from: number, to: number, found: Found): void {
    this.#length = length;
    // Of an earlier use.
    this.#bytes.fill(0, length, length + TEXT_KEY);
    this.#last = { stream: -1, origin: 0, stride: 1, end: 0 };
    this.#work = Math.max(LEAST_WORK, WORK_EACH * length);
    this.#whole = { start: 0, end: 0 };
    const words = this.#words;
    const map = this.#map;
    const { factors } = this.#table;
    const shift = shiftFor(map.length * 32);
    const [a, b] = [factors[0]!, factors[1]!];
    const end = Math.min(to, length - STEP + 1) / STEP;
    let next = words[from / STEP]!;
    for (let at = from / STEP; at < end; at++) {
      const low = next;
      next = words[at + 1]!;
      if (low === 0) continue;
      const first = Math.imul(low, a);
      const upper = low >>> 15;
      let hash = first ^ Math.imul(upper, b);
      let bits = bitsOf(hash, shift);
      if ((map[hash >>> (shift + 5)]! & bits) === bits) this.#lookUp(at * STEP, low, 0, 1, found);
      if (((low | next) & NOT_ASCII) !== 0) continue;
      hash = first ^ Math.imul(next ^ upper, b);
      bits = bitsOf(hash, shift);
      if ((map[hash >>> (shift + 5)]! & bits) === bits && next !== 0)
        this.#lookUp(at * STEP, low, next, 1, found);
      if ((low & ODD) === 0) this.#lookUpWide(at * STEP, low, next, found);
      else if ((low & EVEN) === 0) this.#lookUpWide(at * STEP + 1, low >>> 8, next >>> 8, found);
    }
  }

  /** Characters at every second byte, the others NUL. */
  #lookUpWide(at: number, low: number, high: number, found: Found): void {
    if (!isTwoCharacters(low) || !isTwoCharacters(high) || at + 2 * TEXT_KEY - 1 > this.#length) return;
    const narrow = this.#narrow;
    for (let index = 0; index < TEXT_KEY; index++) {
      const character = this.#bytes[at + 2 * index]!;
      if (character === 0 || (index > 0 && this.#bytes[at + 2 * index - 1] !== 0)) return;
      narrow.setUint8(index, character);
    }
    this.#lookUp(at, narrow.getInt32(0, true), narrow.getInt32(4, true), 2, found);
  }

  #lookUp(at: number, low: number, high: number, stride: 1 | 2, found: Found): void {
    const { slots, factors, starts, forms } = this.#table;
    const [unsignedLow, unsignedHigh] = [low >>> 0, high >>> 0];
    let slot = hashOf(low, high, factors[0]!, factors[1]!) >>> shiftFor(this.#slots);
    for (; slots[COLUMNS * slot + 2] !== 0; slot = (slot + 1) & (this.#slots - 1)) {
      if (slots[COLUMNS * slot] !== unsignedLow || slots[COLUMNS * slot + 1] !== unsignedHigh) continue;
      const position = slots[COLUMNS * slot + 2]! - 1;
      const stream = upperBound(starts, position) - 1;
      const form = FORMS[forms[stream]!]!;
      const origin = at - stride * (position - starts[stream]!);
      const last = this.#last;
      if (last.stream === stream && last.origin === origin && last.stride === stride && at < last.end)
        continue;
      if (this.#work <= 0) {
        this.#fillWhole(origin, stride * (starts[stream + 1]! - starts[stream]!), found);
        continue;
      }
      const match = this.#extend(at, position, starts[stream]!, starts[stream + 1]!, stride, form);
      this.#last = { stream, origin, stride, end: match.end };
      if (this.#isEnough(match, starts[stream]!, form)) found(match.start, match.end);
    }
  }

  /** Once there is no work left: all bytes that a value with this key can have, line breaks included. */
  #fillWhole(origin: number, length: number, found: Found): void {
    const start = Math.max(0, origin - MOST_BREAKS);
    const end = Math.min(this.#length, origin + length + MOST_BREAKS);
    const last = this.#whole;
    if (start >= last.start && end <= last.end) return;
    this.#whole =
      start <= last.end && end >= last.end ? { start: Math.min(start, last.start), end } : { start, end };
    found(start, end);
  }

  /** The longest match around a key. */
  #extend(
    at: number,
    position: number,
    first: number,
    end: number,
    stride: 1 | 2,
    { text }: WindowForm,
  ): Match {
    const { data } = this.#table;
    const key = text ? TEXT_KEY : STEP;
    let [from, to] = [position, position + key];
    let [start, last] = [at, at + (key - 1) * stride];
    for (; from > first; from--) {
      const next = this.#next(start, -stride, data[from - 1]!, text);
      if (next < 0) break;
      start = next;
    }
    for (; to < end; to++) {
      const next = this.#next(last, stride, data[to]!, text);
      if (next < 0) break;
      last = next;
    }
    this.#work -= to - from + MATCH_WORK;
    // With the NUL of the first character or of the last one, whichever the byte order is.
    if (stride === 2)
      return { from, to, start: Math.max(0, start - 1), end: Math.min(this.#length, last + 2) };
    return { from, to, start, end: last + 1 };
  }

  /** Index of the next character if it is the expected one, without breaks of text between; -1 if not. */
  #next(at: number, step: number, expected: number, text: boolean): number {
    let index = at + step;
    if (this.#read(index, step) === expected) return index;
    if (!text) return -1;
    for (let skipped = 0; skipped < MOST_BREAKS; skipped++) {
      const length = this.#breakAt(index, step);
      if (length === 0) return -1;
      index += length * step;
      if (this.#read(index, step) === expected) return index;
    }
    return -1;
  }

  /** Characters of a line break or quote at an index; 0 for anything else. */
  #breakAt(index: number, step: number): number {
    const character = this.#read(index, step);
    if (character < 0) return 0;
    if (isBreak[character] === 1) return 1;
    if (step > 0)
      return character === BACKSLASH ? (isEscaped[Math.max(0, this.#read(index + step, step))]! ? 2 : 1) : 0;
    if (character === BACKSLASH) return 1;
    return isEscaped[character] === 1 && this.#read(index + step, step) === BACKSLASH ? 2 : 0;
  }

  /** The character at an index; -1 outside the buffer, or if the byte before it is not NUL in UTF-16. */
  #read(index: number, step: number): number {
    if (index < 0 || index >= this.#length) return -1;
    if ((step === 2 || step === -2) && this.#bytes[index - step / 2] !== 0) return -1;
    return this.#bytes[index]!;
  }

  /** As many bits as must not be left, in bytes that are not all the same. */
  #isEnough({ from, to }: Match, first: number, { bits, least }: WindowForm): boolean {
    const { data } = this.#table;
    const seen = this.#distinct.fill(0);
    let sum = 0;
    let distinct = 0;
    for (let position = from; position < to; position++) {
      sum += bits[(position - first) % bits.length]!;
      const byte = data[position]!;
      if (seen[byte] === 0) distinct++;
      seen[byte] = 1;
      if (sum >= least && distinct >= LEAST_DISTINCT) return true;
    }
    return false;
  }
}

const isTwoCharacters = (word: number): boolean =>
  (word & FIRST_CHARACTER) !== 0 && (word & SECOND_CHARACTER) !== 0;
