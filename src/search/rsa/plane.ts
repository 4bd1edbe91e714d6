import { bitsOf, halfGcd, inverse } from '../../core/base/bytes/integers.js';

/** The known bits of a prime: all but its lowest ('high'), or all but its highest ('low'). */
export interface KnownPart {
  side: 'high' | 'low';
  value: bigint;
  /** Count of known bits, and of lost ones. */
  known: number;
  lost: number;
}

/** The factor of n that has the known part; undefined if there is none. */
export type Completion = (n: bigint) => bigint | undefined;

/** Spare bits in the plane: with them rounding misses one prime in 2^32. */
const SLACK = 64;

/** Bits that {@link factorInPlane} can recover of a prime of `bits` bits: a little less than a third. */
export function maxLostInPlane(bits: number): number {
  return Math.floor((bits - SLACK) / 3);
}

/**
 * Factors n from two thirds of p. With p0 and q0 the known parts of p and q, (p0 + x)(q0 + y) = n for small x
 * and y, so p0 y + q0 x is close to n - p0 q0 (high bits known) or equal to it modulo a power of 2 (low bits
 * known). That is a closest vector problem in two dimensions, on numbers of twice the lost bits.
 */
export function factorInPlane(part: KnownPart): Completion {
  return part.side === 'high' ? highInPlane(part) : lowInPlane(part);
}

function highInPlane({ value, lost }: KnownPart): Completion {
  // p0 is the middle of the interval: -2^(lost-1) <= x < 2^(lost-1).
  const p0 = (value << BigInt(lost)) + (1n << BigInt(lost - 1));
  // The term x * y disturbs the bits below.
  const cut = BigInt(bitsOf(p0) - 2 * lost - SLACK);
  const modulus = p0 >> cut;
  return (n) => {
    const q0 = n / p0;
    const across = (q0 >> cut) % modulus;
    if (across === 0n) return undefined;
    return divisor(n, p0 + closestPoint(across, modulus, ((n - p0 * q0) >> cut) % modulus));
  };
}

function lowInPlane({ value, known, lost }: KnownPart): Completion {
  const inverted = inverse(value, 1n << BigInt(known));
  if (inverted === undefined) return () => undefined;
  const middle = 1n << BigInt(lost - 1);
  const needed = 2 * lost + SLACK;
  const modulus = 1n << BigInt(needed);
  return (n) => {
    const q0 = BigInt.asUintN(known, n * inverted);
    const rest = ((n - value * q0) >> BigInt(known)) * inverted;
    const across = BigInt.asUintN(needed, -q0 * inverted);
    // y = rest + across * x with 0 <= x, y < 2^lost; centred on the middle of that square.
    const target = BigInt.asUintN(needed, middle - rest - across * middle);
    const x = middle + closestPoint(across, modulus, target);
    return divisor(n, (x << BigInt(known)) + value);
  };
}

const divisor = (n: bigint, p: bigint): bigint | undefined =>
  p > 1n && p < n && n % p === 0n ? p : undefined;

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
