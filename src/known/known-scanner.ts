import { distinctBytes } from '../core/base/bytes/distinct.js';
import { type KnownForm, LONG_KEY, SHORT_KEY } from './known-form.js';
import {
  bitsOf,
  hashOf,
  isKey,
  type KnownTable,
  positionOf,
  shiftFor,
  valueAt,
  wordAt,
} from './known-table.js';
import { BreakWalker, type KnownMatch, LONGEST_BREAK } from './walker.js';

/** Receives the bytes [start, end) of the buffer, and the index of the form. */
export type OnMatch = (start: number, end: number, form: number) => void;

/** Odd and even bytes of a word: NUL in UTF-16 of ASCII. */
const ODD = 0xff00ff00;
const EVEN = 0x00ff00ff;
const NOT_ASCII = 0x80808080;
const FIRST_CHARACTER = 0xff;
const SECOND_CHARACTER = 0xff0000;

/**
 * Comparisons for each byte of a buffer, and what a match costs besides its own. A value that repeats itself,
 * in memory that does the same, matches everywhere at many of its positions.
 */
const WORK_EACH = 64;
const LEAST_WORK = 2 ** 18;
const MATCH_WORK = 64;

/** Memory in which `length` bytes can be scanned for a table of step 4. */
export const scannable = (length: number): Uint8Array => new Uint8Array(4 * Math.ceil(length / 4) + LONG_KEY);

/** Finds values of a table in a buffer: a map of bits first, then the slots, then the values themselves. */
export class KnownScanner {
  readonly #table: KnownTable;
  readonly #byKey: boolean;
  readonly #walker: BreakWalker;
  /** The memory in words, for a table of step 4. */
  #words: Int32Array | undefined;
  /** Characters of UTF-16, to be looked up. */
  readonly #narrow = new Uint8Array(LONG_KEY);
  readonly #match: KnownMatch = { from: 0, to: 0, start: 0, end: 0 };
  /** Value of the last match, where it would begin in the buffer, and the end of the match. */
  #last = { value: -1, origin: 0, stride: 1, end: 0 };
  #work = 0;
  /** Bytes around the last value that was not compared. */
  #whole = { start: 0, end: 0 };

  /**
   * `memory`: if the step of the table is 4, whole words at the start of their buffer ({@link scannable}).
   * `byKey`: a value is found by a key alone, where memory may lack the rest of it.
   */
  constructor(table: KnownTable, memory: Uint8Array, { byKey = false } = {}) {
    this.#table = table;
    this.#byKey = byKey;
    this.#walker = new BreakWalker(memory, { anyBackslash: true });
    this.read(memory);
  }

  /** Scans other memory from now on. */
  read(memory: Uint8Array): this {
    this.#walker.bytes = memory;
    if (this.#table.step === 4) this.#words = new Int32Array(memory.buffer, 0, memory.length >>> 2);
    return this;
  }

  /**
   * All whose keys are at multiples of the step in [from, to), in the first `length` bytes of the memory.
   * They may reach beyond both bounds.
   */
  scan(length: number, from: number, to: number, found: OnMatch): void {
    if (this.#table.count === 0) return;
    this.#walker.length = length;
    this.#last.value = -1;
    this.#work = Math.max(LEAST_WORK, WORK_EACH * length);
    this.#whole.end = 0;
    if (this.#words === undefined) this.#scanBytes(from, Math.min(to, length - LONG_KEY + 1), found);
    else this.#scanWords(this.#words, from, Math.min(to, length - SHORT_KEY + 1), found);
  }

  #scanBytes(from: number, to: number, found: OnMatch): void {
    if (from >= to) return;
    const { bytes } = this.#walker;
    const { map, factors } = this.#table;
    const shift = shiftFor(map.length * 32);
    const [a, b] = [factors[0]!, factors[1]!];
    let [low, high] = [wordAt(bytes, from), wordAt(bytes, from + 4)];
    for (let at = from; at < to; at++) {
      const hash = hashOf(low, high, a, b);
      const bits = bitsOf(hash, shift);
      if ((map[hash >>> (shift + 5)]! & bits) === bits) this.#lookUp(at, low, high, 1, true, found);
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) | (bytes[at + LONG_KEY]! << 24);
    }
  }

  #scanWords(words: Int32Array, from: number, to: number, found: OnMatch): void {
    const { bytes, length } = this.#walker;
    // Bytes of an earlier use.
    bytes.fill(0, length, length + LONG_KEY);
    const { map, factors } = this.#table;
    const shift = shiftFor(map.length * 32);
    const [a, b] = [factors[0]!, factors[1]!];
    const end = to / 4;
    let next = words[from / 4]!;
    for (let at = from / 4; at < end; at++) {
      const low = next;
      next = words[at + 1]!;
      if (low === 0) continue;
      const first = Math.imul(low, a);
      const upper = low >>> 15;
      let hash = first ^ Math.imul(upper, b);
      let bits = bitsOf(hash, shift);
      if ((map[hash >>> (shift + 5)]! & bits) === bits) this.#lookUp(at * 4, low, 0, 1, false, found);
      if (((low | next) & NOT_ASCII) !== 0) continue;
      hash = first ^ Math.imul(next ^ upper, b);
      bits = bitsOf(hash, shift);
      if ((map[hash >>> (shift + 5)]! & bits) === bits && next !== 0)
        this.#lookUp(at * 4, low, next, 1, true, found);
      if ((low & ODD) === 0) this.#lookUpWide(at * 4, low, next, found);
      else if ((low & EVEN) === 0) this.#lookUpWide(at * 4 + 1, low >>> 8, next >>> 8, found);
    }
  }

  /** Characters at every second byte, the others NUL. */
  #lookUpWide(at: number, low: number, high: number, found: OnMatch): void {
    const { bytes, length } = this.#walker;
    if (!isTwoCharacters(low) || !isTwoCharacters(high) || at + 2 * LONG_KEY - 1 > length) return;
    const narrow = this.#narrow;
    for (let index = 0; index < LONG_KEY; index++) {
      const character = bytes[at + 2 * index]!;
      if (character === 0 || (index > 0 && bytes[at + 2 * index - 1] !== 0)) return;
      narrow[index] = character;
    }
    this.#lookUp(at, wordAt(narrow, 0), wordAt(narrow, 4), 2, true, found);
  }

  #lookUp(at: number, low: number, high: number, stride: 1 | 2, isLong: boolean, found: OnMatch): void {
    const { slots, factors, data, starts, count } = this.#table;
    const key = isLong ? LONG_KEY : SHORT_KEY;
    let slot = hashOf(low, high, factors[0]!, factors[1]!) >>> shiftFor(slots.length);
    for (let stored = slots[slot]!; stored !== 0; stored = slots[slot]!) {
      slot = (slot + 1) & (slots.length - 1);
      this.#work--;
      if (!isKey(data, stored, low, high, isLong)) continue;
      const first = valueAt(this.#table, positionOf(stored));
      if (!this.#compare(first, at, positionOf(stored), stride, key, found)) continue;
      // Whole values with the same end.
      for (let value = first + 1; value < count; value++) {
        const position = starts[value + 1]! - LONG_KEY;
        if (wordAt(data, position) !== low || wordAt(data, position + 4) !== high) break;
        if (!this.#compare(value, at, position, stride, key, found)) break;
      }
    }
  }

  /**
   * Compares a value with the buffer around one of its keys. True if values with the same end, of a form that
   * is found whole, are to be compared too.
   */
  #compare(value: number, at: number, position: number, stride: 1 | 2, key: number, found: OnMatch): boolean {
    const { data, starts, formOf, forms } = this.#table;
    const [first, end] = [starts[value]!, starts[value + 1]!];
    const origin = at - stride * (position - first);
    const last = this.#last;
    if (last.value === value && last.origin === origin && last.stride === stride && at < last.end)
      return false;
    const form = forms[formOf[value]!]!;
    const { whole = false } = form;
    if (this.#byKey) {
      found(at, at + key * stride, formOf[value]!);
      return false;
    }
    if (this.#work <= 0) {
      const extent = whole ? this.#walker.length : stride * (end - first);
      this.#foundAround(whole ? 0 : origin, extent, formOf[value]!, found);
      return false;
    }
    const match = this.#match;
    match.from = position;
    match.to = position + key;
    match.start = at;
    match.end = at + (key - 1) * stride + 1;
    this.#walker.extend(match, data, first, end, stride, form.text);
    this.#work -= match.to - match.from + MATCH_WORK;
    last.value = value;
    last.origin = origin;
    last.stride = stride;
    last.end = match.end;
    if (!isEnough(match, data, first, end, form)) return whole;
    // With the NUL of the first character or of the last one, whichever the byte order is.
    const nul = stride - 1;
    found(Math.max(0, match.start - nul), Math.min(this.#walker.length, match.end + nul), formOf[value]!);
    return whole;
  }

  /** Once there is no work left: all bytes that a value with this key can have, line breaks included. */
  #foundAround(origin: number, length: number, form: number, found: OnMatch): void {
    const start = Math.max(0, origin - LONGEST_BREAK);
    const end = Math.min(this.#walker.length, origin + length + LONGEST_BREAK);
    const last = this.#whole;
    if (start >= last.start && end <= last.end) return;
    this.#whole =
      start <= last.end && end >= last.end ? { start: Math.min(start, last.start), end } : { start, end };
    found(start, end, form);
  }
}

/** True if a part has as many bits as count, in bytes that are not all the same. */
function isEnough(
  { from, to }: KnownMatch,
  data: Uint8Array,
  first: number,
  end: number,
  form: KnownForm,
): boolean {
  if (from === first && to === end) return true;
  if (form.whole) return false;
  const { bits, distinct } = form;
  let missing = from === first ? (form.leastAtStart ?? form.least) : form.least;
  for (let at = from; at < to && missing > 0; at++) missing -= bits[(at - first) % bits.length]!;
  return missing <= 0 && distinctBytes(data, from, to, distinct) >= distinct;
}

const isTwoCharacters = (word: number): boolean =>
  (word & FIRST_CHARACTER) !== 0 && (word & SECOND_CHARACTER) !== 0;

/** Bytes at the start of memory with room behind, or a copy of them. */
function inWords(bytes: Uint8Array): Uint8Array {
  const hasRoom = bytes.byteOffset === 0 && bytes.buffer.byteLength >= bytes.length + LONG_KEY;
  if (hasRoom) return new Uint8Array(bytes.buffer);
  const memory = scannable(bytes.length);
  memory.set(bytes);
  return memory;
}

/** A test for many buffers: true if bytes hold a value of a table. The bytes behind them stay as they are. */
export function knownTest(table: KnownTable): (bytes: Uint8Array) => boolean {
  const scanner = new KnownScanner(table, new Uint8Array(0));
  let isFound = false;
  const found = (): void => {
    isFound = true;
  };
  return (bytes) => {
    isFound = false;
    if (table.count === 0) return false;
    const memory = table.step === 1 ? bytes : inWords(bytes);
    const behind = memory.slice(bytes.length, bytes.length + LONG_KEY);
    scanner.read(memory).scan(bytes.length, 0, bytes.length, found);
    memory.set(behind, bytes.length);
    return isFound;
  };
}
