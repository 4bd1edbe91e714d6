import { bitsOf, halfGcd, inverse } from '../../../core/base/bytes/integers.js';

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

/** Factors n from less of p: Coppersmith's method in the form of Howgrave-Graham. */
export function factorByCoppersmith({ side, value, known, lost }: KnownPart, size: Dimensions): Completion {
  const middle = 1n << BigInt(lost - 1);
  if (side === 'high') {
    const p0 = (value << BigInt(lost)) + middle;
    return (n) => divisorAt(n, smallRoot(n, p0, lost - 1, size), (x) => p0 + x);
  }
  const power = 1n << BigInt(known);
  return (n) => {
    const inverted = inverse(power, n);
    if (inverted === undefined) return undefined;
    const root = smallRoot(n, (value * inverted + middle) % n, lost - 1, size);
    return divisorAt(n, root, (x) => (x + middle) * power + value);
  };
}

function divisorAt(n: bigint, root: bigint | undefined, primeOf: (x: bigint) => bigint): bigint | undefined {
  return root === undefined ? undefined : divisor(n, primeOf(root));
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

/**
 * Size of the lattice: `dimensions` polynomials of degrees 0 to dimensions - 1, each with a root modulo
 * p^power.
 */
interface Dimensions {
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
function smallRoot(n: bigint, a: bigint, bits: number, size: Dimensions): bigint | undefined {
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

/**
 * Fraction bits of a Gram-Schmidt coefficient, and bits of a squared norm: more than the rounding errors in
 * twenty dimensions.
 */
const FRACTION_BITS = 64;
const NORM_BITS = 96;
const POINT = BigInt(FRACTION_BITS);
const HALF = 1n << (POINT - 1n);
/**
 * After subtracting a larger multiple the coefficients have lost their fraction bits and are computed again.
 */
const MAX_QUOTIENT = 1n << 20n;
/** Lovász condition with delta = 0.99, in hundredths. */
const LOVASZ_DELTA = 99n;

/**
 * A basis during reduction, and its Gram-Schmidt orthogonalisation in fixed-point numbers with a scale for
 * each row.
 */
class Basis {
  readonly rows: bigint[][];
  /** Bits of the longest entry of each row. */
  readonly #lengths: number[];
  /** mu[k][j] in b_k = b_k* + sum of mu[k][j] b_j*, with {@link FRACTION_BITS} fraction bits. */
  readonly #mu: bigint[][];
  /** r[k][j] = <b_k, b_j*>, on the diagonal the squared norm of b_k*, without the lowest scale[j] bits. */
  readonly #r: bigint[][];
  readonly #scale: number[];

  constructor(rows: readonly (readonly bigint[])[]) {
    this.rows = rows.map((row) => [...row]);
    this.#lengths = rows.map(longestEntry);
    this.#mu = rows.map(() => rows.map(() => 0n));
    this.#r = rows.map(() => rows.map(() => 0n));
    this.#scale = rows.map(() => 0);
  }

  /** Sets the norm of the first row. */
  initialise(): void {
    const [row] = this.rows as [bigint[]];
    this.#setNorm(0, innerProduct(row, row, 0n), 0);
  }

  /** Size-reduces row k by the rows before it; true if the Lovász condition holds for it then. */
  sizeReduce(k: number): boolean {
    let cut = this.#orthogonalise(k);
    while (this.#subtractMultiples(k)) cut = this.#orthogonalise(k);
    const before = k - 1;
    const scale = this.#scale[before]!;
    const row = this.rows[k]!.map((entry) => entry >> BigInt(cut));
    const mu = this.#mu[k]!;
    const along = mu.map((m, j) =>
      j < k ? (m * ((m * this.#r[j]![j]!) >> POINT)) >> this.#shift(scale, j) : 0n,
    );
    const square = along.reduce((left, part) => left - part, innerProduct(row, row, BigInt(scale - 2 * cut)));
    if ((square + along[before]!) * 100n < LOVASZ_DELTA * this.#r[before]![before]!) return false;
    this.#setNorm(k, square, scale);
    return true;
  }

  /** Exchanges rows k - 1 and k. */
  swap(k: number): void {
    for (const column of [this.rows, this.#lengths] as unknown[][])
      [column[k - 1], column[k]] = [column[k], column[k - 1]];
  }

  /**
   * Computes the coefficients of row k from the leading bits of the rows; returns the count of bits cut off.
   */
  #orthogonalise(k: number): number {
    const least = Math.min(...this.#scale.slice(0, k));
    const most = Math.max(...this.#lengths.slice(0, k + 1));
    const cut = Math.max(0, least - most - 8);
    const places = BigInt(cut);
    const row = this.rows[k]!.map((entry) => entry >> places);
    const [mu, r] = [this.#mu[k]!, this.#r[k]!];
    for (let j = 0; j < k; j++) {
      const scale = this.#scale[j]!;
      const other = this.rows[j]!.map((entry) => entry >> places);
      let remaining = innerProduct(row, other, BigInt(scale - 2 * cut));
      for (let l = 0; l < j; l++) remaining -= (this.#mu[j]![l]! * r[l]!) >> this.#shift(scale, l);
      r[j] = remaining;
      mu[j] = (remaining << POINT) / this.#r[j]![j]!;
    }
    return cut;
  }

  /**
   * Subtracts integer multiples of the rows before it from row k; true if the coefficients have become
   * inexact.
   */
  #subtractMultiples(k: number): boolean {
    const [row, mu] = [this.rows[k]!, this.#mu[k]!];
    let inexact = false;
    let changed = false;
    for (let j = k - 1; j >= 0; j--) {
      const quotient = (mu[j]! + HALF) >> POINT;
      if (quotient === 0n) continue;
      changed = true;
      inexact ||= quotient > MAX_QUOTIENT || quotient < -MAX_QUOTIENT;
      const other = this.#mu[j]!;
      for (let l = 0; l < j; l++) mu[l]! -= quotient * other[l]!;
      mu[j]! -= quotient << POINT;
      for (const [i, entry] of this.rows[j]!.entries()) if (entry !== 0n) row[i]! -= quotient * entry;
    }
    if (changed) this.#lengths[k] = longestEntry(row);
    return inexact;
  }

  /** Shift that brings a coefficient times a number in the scale of row `l` to another scale. */
  #shift(scale: number, l: number): bigint {
    return BigInt(FRACTION_BITS + scale - this.#scale[l]!);
  }

  #setNorm(k: number, square: bigint, scale: number): void {
    const excess = bitsOf(square) - NORM_BITS;
    this.#scale[k] = scale + excess;
    this.#r[k]![k] = square >> BigInt(excess);
  }
}

/**
 * LLL-reduced basis of the lattice that independent rows span (Lenstra, Lenstra, Lovász 1982), with
 * coefficients of fixed precision (Nguyen, Stehlé 2005). The first row is the shortest vector within a small
 * factor. All steps are exact in the rows, so the lattice stays the same.
 */
export function reduceLll(rows: readonly (readonly bigint[])[]): bigint[][] {
  const basis = new Basis(rows);
  basis.initialise();
  for (let k = 1; k < rows.length; ) {
    if (basis.sizeReduce(k)) {
      k++;
      continue;
    }
    basis.swap(k);
    if (k === 1) basis.initialise();
    else k--;
  }
  return basis.rows;
}

function longestEntry(row: readonly bigint[]): number {
  return row.reduce((most, entry) => Math.max(most, bitsOf(entry)), 0);
}

/** Inner product without its lowest `cut` bits. */
function innerProduct(a: readonly bigint[], b: readonly bigint[], cut: bigint): bigint {
  let sum = 0n;
  for (const [i, entry] of a.entries()) sum += entry * b[i]!;
  return sum >> cut;
}
