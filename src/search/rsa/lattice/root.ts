import { inverse } from '../../../core/base/bytes/integers.js';
import { reduceLll } from './reduce.js';

/**
 * Size of the lattice: `dimensions` polynomials of degrees 0 to dimensions - 1, each with a root modulo
 * p^power.
 */
export interface Dimensions {
  power: number;
  dimensions: number;
}

/** Coefficients, constant term first. */
type Polynomial = readonly bigint[];

/** Exponents of Mersenne primes. The field of one holds every root with fewer bits. */
const MERSENNE_EXPONENTS = [127, 521, 607, 1279, 2203, 3217, 4423, 9689];

/**
 * Small root modulo an unknown divisor (Coppersmith 1996, Howgrave-Graham 1997): the x of less than `bits`
 * bits with a + x = 0 mod p, for a divisor p of n about as long as the square root of n.
 *
 * Short vectors of the lattice are polynomials with the root x modulo p^power whose coefficients are so small
 * that x is a root over the integers as well. It is the common root of two of them. The caller tests the
 * result by a division.
 */
export function smallRoot(n: bigint, a: bigint, bits: number, size: Dimensions): bigint | undefined {
  // Column j is weighted by 2^(bits * j), the bound of x^j.
  const weigh = (row: Polynomial) => row.map((entry, j) => entry << BigInt(bits * j));
  const short = reduceLll(polynomials(n, a, size).map(weigh)).slice(0, 2);
  const [first, second] = short.map((row) => row.map((entry, j) => entry >> BigInt(bits * j)));
  const exponent = MERSENNE_EXPONENTS.find((each) => each > bits + 1);
  return exponent === undefined ? undefined : commonRoot(first!, second!, (1n << BigInt(exponent)) - 1n);
}

/** Rows n^(power - i) * (x + a)^i for i <= power, then (x + a)^power * x^(i - power). */
function polynomials(n: bigint, a: bigint, { power, dimensions }: Dimensions): bigint[][] {
  let last: Polynomial = [1n];
  return Array.from({ length: dimensions }, (_, i) => {
    if (i > power) last = [0n, ...last];
    else if (i > 0) last = [...last, 0n].map((each, j) => each * a + (last[j - 1] ?? 0n));
    const multiple = n ** BigInt(Math.max(0, power - i));
    return Array.from({ length: dimensions }, (_, j) => (last[j] ?? 0n) * multiple);
  });
}

/** The root of gcd(f, g) modulo a prime, if the gcd is a power of x - root. */
function commonRoot(f: Polynomial, g: Polynomial, prime: bigint): bigint | undefined {
  let [a, b] = [modulo(f, prime), modulo(g, prime)];
  while (b.length > 0) [a, b] = [b, remainder(a, b, prime)];
  const degree = BigInt(a.length - 1);
  const slope = degree > 0n ? inverse(degree * a.at(-1)!, prime) : undefined;
  if (slope === undefined) return undefined;
  const root = (((prime - a.at(-2)!) * slope) % prime) as bigint;
  return root > prime >> 1n ? root - prime : root;
}

/** a mod b over the field of `prime` elements. */
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

/** Coefficients reduced to 0 ... prime - 1, without leading zeros. */
function modulo(f: Polynomial, prime: bigint): bigint[] {
  const reduced = f.map((each) => ((each % prime) + prime) % prime);
  return reduced.slice(0, reduced.findLastIndex((each) => each !== 0n) + 1);
}
