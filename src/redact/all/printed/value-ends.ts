import { lowerBound } from '../../../base/bytes/binary-search.js';
import type { Secret } from '../../../base/crypto/secret.js';
import { keyAt, VALUE_KEY } from '../compressed/value-index.js';

/** Bits of the map before the keys, as a power of two: 256 for each key, in the processor's cache. */
const MAP_BITS = { least: 13, most: 20, each: 8 };
const FACTOR = 0x9e3779b1;

/** The last bytes of some values as plain data for any thread, in shared memory. */
export interface ValueEnds {
  /** Ascending. */
  keys: Float64Array;
  /** One bit for each hash that four last bytes have. */
  map: Uint8Array;
  /** True if one of them has no letters in hex. */
  hasNumeric: boolean;
}

const isNumeric = (end: Uint8Array): boolean => end.every((byte) => byte >> 4 <= 9 && (byte & 0xf) <= 9);

/** `last`: the four last bytes, of which the last is the lowest. */
const bitOf = (last: number, shift: number): number => Math.imul(last, FACTOR) >>> shift;

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
    const bit = bitOf(view.getInt32(value.length - 4), shift);
    map[bit >>> 3]! |= 1 << (bit & 7);
  }
  keys.sort();
  return { keys, map, hasNumeric: long.some((value) => isNumeric(value.subarray(-VALUE_KEY))) };
}

/** True if a value may end in the first `length` bytes. */
export function endsIn({ keys, map }: ValueEnds, bytes: Uint8Array, length: number): boolean {
  if (keys.length === 0) return false;
  const shift = shiftOf(map);
  let last = 0;
  for (let end = 1; end <= length; end++) {
    last = (last << 8) | bytes[end - 1]!;
    const bit = bitOf(last, shift);
    if ((map[bit >>> 3]! & (1 << (bit & 7))) === 0 || end < VALUE_KEY) continue;
    const key = keyAt(bytes, end);
    if (keys[lowerBound(keys, key)] === key) return true;
  }
  return false;
}

/** Overwrites what is known of the values. No thread may be reading it. */
export function wipeEnds({ keys, map }: ValueEnds): void {
  keys.fill(0);
  map.fill(0);
}
