import { lowerBound } from '../../../base/bytes/binary-search.js';
import type { Secret } from '../../../base/crypto/secret.js';
import { keyAt, VALUE_KEY } from '../compressed/value-index.js';

/** Bits of the map before the keys, as a power of two. */
const MAP_BITS = 20;
const FACTOR = 0x9e3779b1;

/** The last bytes of some values as plain data for any thread, in shared memory. */
export interface ValueEnds {
  /** Ascending. */
  keys: Float64Array;
  /** One bit for each hash that four last bytes have. */
  map: Uint8Array;
}

/** `last`: the four last bytes, of which the last is the lowest. */
const bitOf = (last: number): number => Math.imul(last, FACTOR) >>> (32 - MAP_BITS);

export function valueEnds(values: readonly Secret[]): ValueEnds {
  const long = values.map((value) => value.reveal()).filter(({ length }) => length >= VALUE_KEY);
  const keys = new Float64Array(new SharedArrayBuffer(8 * long.length));
  const map = new Uint8Array(new SharedArrayBuffer(2 ** (MAP_BITS - 3)));
  for (const [index, value] of long.entries()) {
    keys[index] = keyAt(value, value.length);
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    const bit = bitOf(view.getInt32(value.length - 4));
    map[bit >>> 3]! |= 1 << (bit & 7);
  }
  keys.sort();
  return { keys, map };
}

/** True if a value may end in the first `length` bytes. */
export function endsIn({ keys, map }: ValueEnds, bytes: Uint8Array, length: number): boolean {
  if (keys.length === 0) return false;
  let last = 0;
  for (let end = 1; end <= length; end++) {
    last = (last << 8) | bytes[end - 1]!;
    const bit = bitOf(last);
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
