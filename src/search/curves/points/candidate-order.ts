import { FITTED } from '../../../sweep/runs/records.js';
import type { NumberSet } from '../../core/number-set.js';
import { LIKELY } from '../numbers/number-flags.js';

/** Bytes between numbers of one point, in one object or in adjacent chunks. */
const MAX_DISTANCE = 256;

/** Larger than any index of a set. */
const INDEX_RADIX = 2 ** 20;

const orderCache = new WeakMap<NumberSet, Uint32Array>();

/** Indices of a set's numbers by file offset, ascending. The result is cached and must not be modified. */
export function inFileOrder(set: NumberSet): Uint32Array {
  const before = orderCache.get(set);
  if (before?.length === set.length) return before;
  const order = new Uint32Array(set.length);
  // Offset and index in one double sort four times as fast as indices with a comparison function.
  const keys = new Float64Array(set.length);
  let largest = 0;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    keys[i] = set.offset(i) * INDEX_RADIX + i;
    largest = Math.max(largest, keys[i]!);
  }
  if (largest >= Number.MAX_SAFE_INTEGER) order.sort((a, b) => set.offset(a) - set.offset(b));
  else {
    sortNearlySorted(keys);
    for (let k = 0; k < order.length; k++) order[k] = keys[k]! % INDEX_RADIX;
  }
  orderCache.set(set, order);
  return order;
}

/**
 * Sorts, in place, keys that are ascending with few exceptions: the exceptions are sorted separately and
 * merged.
 */
function sortNearlySorted(keys: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let to = keys.length;
  const late: number[] = [];
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!;
    if (key > least) late.push(key);
    else {
      least = key;
      keys[--to] = key;
    }
  }
  const others = Float64Array.from(late).sort();
  let from = 0;
  for (let k = 0; k < keys.length; k++) {
    const isOther = to === keys.length || (from < others.length && others[from]! < keys[to]!);
    keys[k] = isOther ? others[from++]! : keys[to++]!;
  }
}

/**
 * The likely scalars of a set and the numbers near them, for sets too large to be tried in full. First come
 * numbers near one with a header of exactly its length. In the code of a gigabyte of programs one number in
 * ten is likely and one in 400 has such a header; the numbers of a key are among them.
 */
export function nearLikely(set: NumberSet): Uint32Array {
  const order = inFileOrder(set);
  const likely = nearFlagged(set, order, LIKELY);
  const fitting = nearFlagged(set, order, FITTED);
  const first = order.filter((_, i) => fitting[i] === 1);
  const others = order.filter((_, i) => likely[i]! > fitting[i]!);
  return concatenated(first, others);
}

/**
 * Numbers in more than one place, most places first: a process that has signed a thousand times has as many
 * copies of its key, and one of each number in between.
 */
export function repeated(set: NumberSet, most: number): Uint32Array {
  const found: number[] = [];
  for (let i = 0; i < set.length; i++) if (set.times(i) > 1) found.push(i);
  return Uint32Array.from(found.sort((a, b) => set.times(b) - set.times(a) || a - b).slice(0, most));
}

export function concatenated(first: Uint32Array, last: Uint32Array): Uint32Array {
  const both = new Uint32Array(first.length + last.length);
  both.set(first);
  both.set(last, first.length);
  return both;
}

/** 1 for each number of the order that is near one with the flag. */
function nearFlagged(set: NumberSet, order: Uint32Array, flag: number): Uint8Array {
  const isNear = new Uint8Array(order.length);
  for (const step of [1, -1]) {
    let last = Number.POSITIVE_INFINITY;
    for (let i = step > 0 ? 0 : order.length - 1; i >= 0 && i < order.length; i += step) {
      const offset = set.offset(order[i]!);
      if (set.flags(order[i]!) & flag) last = offset;
      if (Math.abs(offset - last) <= MAX_DISTANCE) isNear[i] = 1;
    }
  }
  return isNear;
}
