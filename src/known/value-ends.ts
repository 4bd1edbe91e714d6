import { lowerBound } from '../base/bytes/binary-search.js';
import type { Secret } from '../base/crypto/secret.js';
import { keyAt, VALUE_KEY } from './value-index.js';

/** Bytes of a word, which is looked up at its multiples: one of the last words of a value is at one. */
const STEP = 4;
/** Bits of the map before the keys, as a power of two: 256 for each word, in the processor's cache. */
const MAP_BITS = { least: 13, most: 20, each: 10 };
const FACTOR = 0x9e3779b1;

/** The last bytes of some values as plain data for any thread, in shared memory. */
export interface ValueEnds {
  /** Ascending. */
  keys: Float64Array;
  /** One bit for each hash of the words that end up to three bytes before an end. */
  map: Uint8Array;
  /** True if one of them has no letters in hex. */
  hasNumeric: boolean;
}

const isNumeric = (end: Uint8Array): boolean => end.every((byte) => byte >> 4 <= 9 && (byte & 0xf) <= 9);

const bitOf = (word: number, shift: number): number => Math.imul(word, FACTOR) >>> shift;

/** Shift of a hash that leaves a bit of a map. */
const shiftOf = (map: Uint8Array): number => Math.clz32(map.length) - 2;

export function valueEnds(values: readonly Secret[]): ValueEnds {
  const long = values.map((value) => value.reveal()).filter(({ length }) => length >= VALUE_KEY);
  const keys = new Float64Array(new SharedArrayBuffer(8 * long.length));
  const wanted = Math.ceil(Math.log2(long.length + 1)) + MAP_BITS.each;
  const bits = Math.max(MAP_BITS.least, Math.min(MAP_BITS.most, wanted));
  const map = new Uint8Array(new SharedArrayBuffer(2 ** (bits - 3)));
  const shift = shiftOf(map);
  for (const [index, value] of long.entries()) {
    keys[index] = keyAt(value, value.length);
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    for (let after = 0; after < STEP; after++) {
      const bit = bitOf(view.getInt32(value.length - STEP - after, true), shift);
      map[bit >>> 3]! |= 1 << (bit & 7);
    }
  }
  keys.sort();
  return { keys, map, hasNumeric: long.some((value) => isNumeric(value.subarray(-VALUE_KEY))) };
}

/**
 * True if a value may end in the first `length` bytes of a buffer, which are at the start of its memory, in
 * whole words.
 */
export function endsIn({ keys, map }: ValueEnds, bytes: Uint8Array, length: number): boolean {
  if (keys.length === 0) return false;
  const words = new Int32Array(bytes.buffer, 0, bytes.length >>> 2);
  const shift = shiftOf(map);
  for (let at = 0; STEP * (at + 1) <= length; at++) {
    const bit = bitOf(words[at]!, shift);
    if ((map[bit >>> 3]! & (1 << (bit & 7))) === 0) continue;
    const end = STEP * (at + 1);
    for (let after = 0; after < STEP && end + after <= length; after++)
      if (end + after >= VALUE_KEY && isKey(keys, keyAt(bytes, end + after))) return true;
  }
  return false;
}

const isKey = (keys: Float64Array, key: number): boolean => keys[lowerBound(keys, key)] === key;

/** Overwrites what is known of the values. No thread may be reading it. */
export function wipeEnds({ keys, map }: ValueEnds): void {
  keys.fill(0);
  map.fill(0);
}
