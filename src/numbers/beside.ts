import { LIKELY } from './coordinates.js';
import type { NumberSet } from './number-set.js';

/** Bytes between numbers that may be those of one point, in an object or in chunks of their own. */
const BESIDE = 256;

/** The indices of a set's numbers by where these were seen, ascending. Most came in that order. */
export function inFileOrder(set: NumberSet): Uint32Array {
  const order = Uint32Array.from({ length: set.length }, (_, i) => i);
  let sorted = true;
  for (let i = 1; i < order.length && sorted; i++) sorted = set.offset(i - 1) <= set.offset(i);
  return sorted ? order : order.sort((a, b) => set.offset(a) - set.offset(b));
}

/**
 * Of those the ones that are likely to have an object to themselves, and what lies beside them: where a dump has more numbers than are tried, as the
 * code of a gigabyte of programs has, one in ten is such, and the numbers of a key are.
 */
export function besideLikely(set: NumberSet): Uint32Array {
  const order = inFileOrder(set);
  const isNear = new Uint8Array(order.length);
  for (const step of [1, -1]) {
    let last = Number.POSITIVE_INFINITY;
    for (let i = step > 0 ? 0 : order.length - 1; i >= 0 && i < order.length; i += step) {
      const offset = set.offset(order[i]!);
      if (set.flags(order[i]!) & LIKELY) last = offset;
      if (Math.abs(offset - last) <= BESIDE) isNear[i] = 1;
    }
  }
  return order.filter((_, i) => isNear[i] === 1);
}
