import { halfGcd } from '../../../base/bytes/integers.js';

/**
 * Closest vector in a lattice of two dimensions: of the points (x, y) with y = a * x mod m, the x of the one
 * closest to (0, c). 0 < a < m, 0 <= c < m.
 *
 * Euclid's algorithm on (a, m) passes two short basis vectors at half its way; the point is their combination
 * with rounded coordinates (Babai 1986). It is unique if |x| and |y - c| are shorter than the square root of
 * m by some bits of slack.
 */
export function closestPoint(a: bigint, m: bigint, c: bigint): bigint {
  const [s, t] = halfGcd(a, m);
  return divideRounded(c * abs(t), m) * s + divideRounded(c * abs(s), m) * t;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** a / b to the nearest integer, for a >= 0 and b > 0. */
const divideRounded = (a: bigint, b: bigint): bigint => (2n * a + b) / (2n * b);
