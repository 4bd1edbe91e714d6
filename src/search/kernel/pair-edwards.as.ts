// Converts points of Curve25519 from the Weierstrass form of the comb to the coordinates that its users
// store.

import { add, difference, sub } from './multiply.as'; // made by build.mjs
import { FROM_PLAIN, ONE, PAIR, U, UNIT, WIDTH, mul, residue, setHalf, use } from './pair-numbers.as';
import { invertAll } from './pair-comb.as';

/**
 * Replaces x, y of `count` points (plain, host format) by Montgomery's u = x - shift and Edwards's y = (u -
 * 1) / (u + 1) (RFC 7748, 4.1). False if some u is -1, which no point of the curve has. `work`: three pairs
 * for every two points.
 */
export function toEdwards(field: usize, points: usize, count: i32, shift: usize, work: usize): bool {
  use(field);
  const size = WIDTH << 1;
  const pairs = (count + 1) >> 1;
  const us = work;
  const sums = us + <usize>pairs * PAIR;
  const reciprocals = sums + <usize>pairs * PAIR;
  const off = U;
  const v = U + PAIR;
  setHalf(off, 0, shift);
  setHalf(off, 1, shift);
  mul(off, off, FROM_PLAIN);
  for (let k = 0; k < pairs; k++) {
    const first = points + <usize>(2 * k) * size;
    const second = 2 * k + 1 < count ? first + size : first;
    const u = us + <usize>k * PAIR;
    setHalf(v, 0, first);
    setHalf(v, 1, second);
    mul(v, v, FROM_PLAIN);
    difference(v, v, off);
    mul(u, v, ONE);
    add(sums + <usize>k * PAIR, u, ONE);
  }
  if (!invertAll(sums, pairs, reciprocals)) return false;
  for (let k = 0; k < pairs; k++) {
    const u = us + <usize>k * PAIR;
    sub(v, u, ONE);
    mul(v, v, reciprocals + <usize>k * PAIR);
    mul(v, v, UNIT);
    mul(u, u, UNIT);
    for (let half = 0; half < 2 && 2 * k + half < count; half++) {
      const point = points + <usize>(2 * k + half) * size;
      residue(u, half, 0, point);
      residue(v, half, 0, point + WIDTH);
    }
  }
  return true;
}
