import { inverse } from '../../../base/bytes/integers.js';
import { reduce } from './reduce.js';

/** Polynomials that vanish modulo p^power, and how many: of degrees 0 to dimensions - 1. */
export interface Dimensions {
  power: number;
  dimensions: number;
}

/** Coefficients, the constant first. */
type Polynomial = readonly bigint[];

/** Exponents of Mersenne primes: fields that hold any root of so many bits. */
const FIELDS = [127, 521, 607, 1279, 2203, 3217, 4423, 9689];

/**
 * The x of less than `bits` bits, if any, with a + x = 0 modulo a divisor of n that is about as long as n's square root (Coppersmith,
 * Howgrave-Graham). Polynomials with the root x modulo a power of that divisor, and coefficients so small that they have it over the
 * integers, are short vectors of a lattice; two of them have it in common. A candidate: whoever asks divides.
 */
export function smallRoot(n: bigint, a: bigint, bits: number, size: Dimensions): bigint | undefined {
  // Column j is multiplied by 2^(bits * j): what its power of x may be.
  const weigh = (row: Polynomial) => row.map((entry, j) => entry << BigInt(bits * j));
  const short = reduce(polynomials(n, a, size).map(weigh)).slice(0, 2);
  const [first, second] = short.map((row) => row.map((entry, j) => entry >> BigInt(bits * j)));
  const exponent = FIELDS.find((each) => each > bits + 1);
  return exponent === undefined ? undefined : commonRoot(first!, second!, (1n << BigInt(exponent)) - 1n);
}

/** n^(power - i) (x + a)^i, and (x + a)^power times powers of x. */
function polynomials(n: bigint, a: bigint, { power, dimensions }: Dimensions): bigint[][] {
  let last: Polynomial = [1n];
  return Array.from({ length: dimensions }, (_, i) => {
    if (i > power) last = [0n, ...last];
    else if (i > 0) last = [...last, 0n].map((each, j) => each * a + (last[j - 1] ?? 0n));
    const multiple = n ** BigInt(Math.max(0, power - i));
    return Array.from({ length: dimensions }, (_, j) => (last[j] ?? 0n) * multiple);
  });
}

/** The root of the greatest common divisor of two polynomials modulo a prime, where it is a power of x - root. */
function commonRoot(f: Polynomial, g: Polynomial, prime: bigint): bigint | undefined {
  let [a, b] = [modulo(f, prime), modulo(g, prime)];
  while (b.length > 0) [a, b] = [b, remainder(a, b, prime)];
  const degree = BigInt(a.length - 1);
  const slope = degree > 0n ? inverse(degree * a.at(-1)!, prime) : undefined;
  if (slope === undefined) return undefined;
  const root = (((prime - a.at(-2)!) * slope) % prime) as bigint;
  return root > prime >> 1n ? root - prime : root;
}

/** a modulo b and a prime. */
function remainder(a: Polynomial, b: Polynomial, prime: bigint): bigint[] {
  const rest = [...a];
  const scale = inverse(b.at(-1)!, prime)!;
  for (let high = rest.length - 1; high >= b.length - 1; high--) {
    const factor = (rest[high]! * scale) % prime;
    const low = high - b.length + 1;
    for (const [i, each] of b.entries()) rest[low + i] = (rest[low + i]! - factor * each) % prime;
  }
  return modulo(rest.slice(0, b.length - 1), prime);
}

/** Coefficients from 0 to prime - 1, the last of which is not 0. */
function modulo(f: Polynomial, prime: bigint): bigint[] {
  const reduced = f.map((each) => ((each % prime) + prime) % prime);
  return reduced.slice(0, reduced.findLastIndex((each) => each !== 0n) + 1);
}
