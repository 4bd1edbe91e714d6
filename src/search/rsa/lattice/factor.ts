import { bitsOf, inverse } from '../../../base/bytes/integers.js';
import { nearest } from './plane.js';
import { type Dimensions, smallRoot } from './root.js';

/** What is known of a prime: all but its last bits, or all but its first. */
export interface KnownPart {
  side: 'high' | 'low';
  /** The bits that are known. */
  value: bigint;
  /** How many there are of them, and how many are lost. */
  known: number;
  lost: number;
}

/** The factor of n that a part belongs to; undefined where it belongs to none. */
export type Completion = (n: bigint) => bigint | undefined;

/** One in 2^32 numbers in the plane is missed by as much as its two sides may be out of balance. */
const SLACK = 64;

/** Bits that may be lost of a prime's `bits` for {@link inPlane}: a little less than a third. */
export function lostInPlane(bits: number): number {
  return Math.floor((bits - SLACK) / 3);
}

/**
 * From two thirds of p. With q known as far as p is, p0 and q0, what is missing is small: (p0 + x)(q0 + y) = n, so that
 * p0 y + q0 x is nearly n - p0 q0, or equal to it modulo a power of 2. That is a point of a lattice in the plane near another one,
 * for which Euclid's algorithm on as many bits as are lost of both is enough.
 */
export function inPlane(part: KnownPart): Completion {
  return part.side === 'high' ? highInPlane(part) : lowInPlane(part);
}

function highInPlane({ value, lost }: KnownPart): Completion {
  // x lies between -2^(lost-1) and 2^(lost-1).
  const p0 = (value << BigInt(lost)) + (1n << BigInt(lost - 1));
  // Bits that tell nothing: x * y reaches as far.
  const cut = BigInt(bitsOf(p0) - 2 * lost - SLACK);
  const modulus = p0 >> cut;
  return (n) => {
    const q0 = n / p0;
    const across = (q0 >> cut) % modulus;
    if (across === 0n) return undefined;
    return divisor(n, p0 + nearest(across, modulus, ((n - p0 * q0) >> cut) % modulus));
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
    // y = rest + across * x, both between 0 and 2^lost: from the middle of the square.
    const target = BigInt.asUintN(needed, middle - rest - across * middle);
    const x = middle + nearest(across, modulus, target);
    return divisor(n, (x << BigInt(known)) + value);
  };
}

/** From less of p, by a lattice of more dimensions. */
export function inSpace({ side, value, known, lost }: KnownPart, size: Dimensions): Completion {
  const middle = 1n << BigInt(lost - 1);
  if (side === 'high') {
    const p0 = (value << BigInt(lost)) + middle;
    return (n) => completed(n, smallRoot(n, p0, lost - 1, size), (x) => p0 + x);
  }
  const power = 1n << BigInt(known);
  return (n) => {
    const inverted = inverse(power, n);
    if (inverted === undefined) return undefined;
    const root = smallRoot(n, (value * inverted + middle) % n, lost - 1, size);
    return completed(n, root, (x) => (x + middle) * power + value);
  };
}

function completed(n: bigint, root: bigint | undefined, whole: (x: bigint) => bigint): bigint | undefined {
  return root === undefined ? undefined : divisor(n, whole(root));
}

const divisor = (n: bigint, p: bigint): bigint | undefined =>
  p > 1n && p < n && n % p === 0n ? p : undefined;
