import { lowerBound } from '../../core/base/bytes/binary-search.js';
import { grown, nextCapacity, release } from '../../core/base/bytes/growable-array.js';
import { INTEGER_ENCODINGS, storedLength, unitOf } from './integer-encodings.js';
import type { FilePlace, IntegerEncoding } from './types.js';

/** Windows (numbers that may be RSA primes or moduli) of one size, as plain data for any thread. */
export interface WindowColumns {
  length: number;
  /** File offset of the first byte. */
  offsets: Float64Array;
  /** Encodings by {@link encodingCode}. */
  readings: Uint8Array;
  /** {@link INSIDE}, {@link BEHIND_HEADER}, {@link FITTING} or 0. */
  places: Uint8Array;
  /** Lowest 64 bits of the number. */
  lows: BigUint64Array;
}

/** The number touches neither end of its run. */
export const INSIDE = 1;
/** It follows what looks like the header of an object. */
export const BEHIND_HEADER = 2;
/** It follows the header of an object of exactly its length, at any place in a run. */
export const FITTING = 3;

/**
 * Key of a column: words of a number that fills them; otherwise its length to half a word, plus a quarter. A
 * modulus has twice the words of its primes, or half a word less.
 */
export const sizeOf = (bits: number): number =>
  bits % 64 === 0 ? bits / 64 : partialSize(Math.ceil(bits / 32) / 2);
export const partialSize = (words: number): number => words + 0.25;
export const wordsOf = (size: number): number => Math.floor(2 * size) / 2;

/** Bits of the encoding's index; above them the missing bytes or digits. */
const LACKING = 5;

/** Encoding of a window, with the bytes or digits, up to seven, that its last word lacks. */
export const encodingCode = (index: number, lacking = 0): number => index | (lacking << LACKING);

/** Place of the window at an index, in columns of that size. */
export function placeAt(
  { offsets, readings }: WindowColumns,
  index: number,
  size: number,
): FilePlace & { reading: IntegerEncoding } {
  const code = readings[index]!;
  const reading = INTEGER_ENCODINGS[code & ((1 << LACKING) - 1)]!;
  const length = storedLength(Math.ceil(wordsOf(size)), reading) - (code >> LACKING) * unitOf(reading);
  return { offset: offsets[index]!, length, reading };
}

/** Number of all windows. */
export const countOf = (bySize: ReadonlyMap<number, WindowColumns>): number =>
  [...bySize.values()].reduce((sum, { length }) => sum + length, 0);

/** Initial and greatest capacity, 18 bytes a window: 18 MB. */
const ROOM = 32;
const MOST = 1_000_000;

export class Windows implements WindowColumns {
  length = 0;
  offsets = new Float64Array(ROOM);
  readings = new Uint8Array(ROOM);
  places = new Uint8Array(ROOM);
  lows = new BigUint64Array(ROOM);
  /** Capacity: the length of a resizable column is slow to read. */
  #room = ROOM;
  #halves: Uint32Array = new Uint32Array(this.lows.buffer);

  /** Takes over columns and appends to them; without any, starts empty. */
  static behind(columns?: WindowColumns): Windows {
    const windows = new Windows();
    if (columns === undefined) return windows;
    const { length, offsets, readings, places, lows } = columns;
    Object.assign(windows, { length, offsets, readings, places, lows });
    windows.#room = offsets.length;
    windows.#halves = new Uint32Array(lows.buffer, lows.byteOffset, 2 * lows.length);
    return windows;
  }

  /** A number found by itself. False if there is no room. */
  push(offset: number, reading: number, low: bigint): boolean {
    const halves = [Number(low & 0xffff_ffffn), Number(low >> 32n)] as const;
    return this.pushHalves(offset, reading, FITTING, ...halves);
  }

  /** The low word in two halves, which costs no bigint. False if there is no room. */
  pushHalves(offset: number, reading: number, place: number, low: number, high: number): boolean {
    if (this.length === MOST) return false;
    if (this.length === this.#room) this.#grow();
    this.places[this.length] = place;
    this.offsets[this.length] = offset;
    this.readings[this.length] = reading;
    this.#halves[2 * this.length] = low;
    this.#halves[2 * this.length + 1] = high;
    this.length++;
    return true;
  }

  release(): void {
    for (const column of [this.offsets, this.readings, this.places, this.lows]) release(column);
  }

  #grow(): void {
    const room = nextCapacity(this.length, MOST);
    this.#room = room;
    this.offsets = grown(this.offsets, room, MOST);
    this.readings = grown(this.readings, room, MOST);
    this.places = grown(this.places, room, MOST);
    this.lows = grown(this.lows, room, MOST);
    this.#halves = new Uint32Array(this.lows.buffer, 0, 2 * room);
  }
}

/** True if an ascending column contains `value`. */
export const holds = (sorted: BigUint64Array, value: bigint): boolean =>
  sorted[lowerBound(sorted, value)] === value;

/** Indices of the windows whose place satisfies `isOne`. */
export function indicesWhere(
  { places, length }: WindowColumns,
  isOne: (place: number) => boolean,
): Uint32Array {
  const indices = new Uint32Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) if (isOne(places[i]!)) indices[count++] = i;
  return indices.subarray(0, count);
}

/** Windows are not all in file order. */
export function spanOf({ offsets, length }: WindowColumns): { first: number; last: number } {
  const all = offsets.subarray(0, length);
  return { first: all.reduce((a, b) => Math.min(a, b)), last: all.reduce((a, b) => Math.max(a, b)) };
}
