import { halfway } from '../../../base/bytes/integers.js';

/**
 * Of the points (x, y) with y = a * x mod m, the x of the one that lies nearest to (0, c): Euclid's way has two short vectors between
 * them at its middle, and the point is theirs with rounded coordinates (Babai). It is the only one so near where x and y - c are
 * shorter than m's square root by so many bits as chance shall not reach. 0 < a < m, 0 <= c < m.
 */
export function nearest(a: bigint, m: bigint, c: bigint): bigint {
  const [s, t] = halfway(a, m);
  return rounded(c * size(t), m) * s + rounded(c * size(s), m) * t;
}

const size = (value: bigint): bigint => (value < 0n ? -value : value);

/** a / b, both not negative, to the nearest integer. */
const rounded = (a: bigint, b: bigint): bigint => (2n * a + b) / (2n * b);
