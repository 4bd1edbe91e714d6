import { distinctBytes } from '../core/base/bytes/distinct.js';

/** Which part of a value counts as found. A whole value does, too, whatever it is. */
export interface KnownForm {
  /** Bits by byte of a stride: digits do not fill their storage. */
  bits: readonly number[];
  /** Fewest bits of such a part. */
  least: number;
  /** {@link least} at the start of a value, if it is less. */
  leastAtStart?: number;
  /** Fewest distinct bytes of such a part: zeros, small numbers and padding are in all memory. */
  distinct: number;
  /** No part does. Values of such a form are ordered by their last {@link LONG_KEY} bytes. */
  whole?: true;
  /** May be broken into lines and be UTF-16. */
  text: boolean;
  /** Fewest bits of a part in the middle of a long value whose finding is guaranteed, if it is more. */
  leastInMiddle?: number;
}

/** Bytes of a key of text, and of all keys of tables that are looked up at every byte. */
export const LONG_KEY = 8;
/** Bytes of the other keys: aligned words of binary forms. */
export const SHORT_KEY = 4;
/** Words with fewer distinct bytes are in all memory: others are looked up in their place if possible. */
const DISTINCT_IN_KEY = 3;
/** Bytes of a value with a middle. */
const LONG = 256;

/** Where the keys of a value are, by which it is found. `step`: distance of the places that are looked up. */
export function keyPositions(bytes: Uint8Array, form: KnownForm, step: 1 | 4): number[] {
  if (form.whole) return [bytes.length - LONG_KEY];
  return step === 1 ? keysAtIntervals(bytes, form) : [...alignedKeys(bytes, form, step)];
}

/**
 * Such that every part that counts has one. A key of few distinct bytes is left out, except the first: the
 * next one begins at the next byte.
 */
function keysAtIntervals(bytes: Uint8Array, { least, leastInMiddle, distinct }: KnownForm): number[] {
  const keys: number[] = [];
  const last = bytes.length - LONG_KEY;
  const intervalOf = (bits: number): number => Math.max(1, Math.min(bytes.length, bits / 8) - LONG_KEY + 1);
  const dense = intervalOf(least);
  const sparse = intervalOf(bytes.length > LONG ? (leastInMiddle ?? least) : least);
  for (let at = 0; at <= last; ) {
    const isKey = at === 0 || distinctBytes(bytes, at, at + LONG_KEY, distinct) >= distinct;
    if (isKey) keys.push(at);
    if (at === last) break;
    const inMiddle = at >= LONG / 2 && at < bytes.length - LONG / 2;
    at = Math.min(last, at + (!isKey ? 1 : inMiddle ? sparse : dense));
  }
  return keys;
}

/** By position: end of the bytes from there on that bear the least number of bits, or 0. */
function partEnds(bytes: Uint8Array, { bits, least }: KnownForm): Uint32Array {
  const ends = new Uint32Array(bytes.length);
  let end = 0;
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) {
    while (sum < least && end < bytes.length) sum += bits[end++ % bits.length]!;
    if (sum < least) break;
    ends[at] = end;
    sum -= bits[at % bits.length]!;
  }
  return ends;
}

/**
 * Wherever a buffer has the value, every part of the least number of bits has a key at a multiple of
 * `step`.
 */
function* alignedKeys(bytes: Uint8Array, form: KnownForm, step: number): Generator<number> {
  const ends = partEnds(bytes, form);
  /** Last position that was chosen, by alignment. */
  const last = new Int32Array(step).fill(-1);
  for (let at = 0; at + LONG_KEY <= bytes.length; at++) {
    const end = ends[at]!;
    if (end === 0 && !form.text) return;
    const { distinct } = form;
    if (distinctBytes(bytes, at, Math.max(at + LONG_KEY, end), distinct) < distinct) continue;
    // A part of text may be broken into two lines.
    if (form.text) yield at;
    else
      for (let alignment = 0; alignment < step; alignment++) {
        // Parts end in the order in which they begin.
        if (last[alignment]! >= at) continue;
        const key = bestKey(bytes, form, at, end - SHORT_KEY, alignment, step);
        if (key < 0) continue;
        last[alignment] = key;
        yield key;
      }
  }
}

/** Number of distinct bytes of a key that bear bits of the value: tags and padding do not count. */
function distinctInKey(bytes: Uint8Array, at: number, bits: readonly number[]): number {
  let distinct = 0;
  for (let index = at; index < at + SHORT_KEY; index++) {
    if (bits[index % bits.length] === 0) continue;
    let before = at;
    while (before < index && (bytes[before] !== bytes[index] || bits[before % bits.length] === 0)) before++;
    if (before === index) distinct++;
  }
  return distinct;
}

/**
 * The last position of an alignment in [from, to] with enough distinct bytes, or the best; -1 if none. A key
 * of tags alone would be that of all digits.
 */
function bestKey(
  bytes: Uint8Array,
  { bits }: KnownForm,
  from: number,
  to: number,
  alignment: number,
  step: number,
): number {
  let best = -1;
  let most = 0;
  for (let at = to - ((to - alignment + step) % step); at >= from; at -= step) {
    const distinct = distinctInKey(bytes, at, bits);
    if (distinct >= DISTINCT_IN_KEY) return at;
    if (distinct > most) [best, most] = [at, distinct];
  }
  return best;
}
