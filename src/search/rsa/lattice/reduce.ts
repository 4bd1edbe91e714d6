import { bitsOf } from '../../../core/base/bytes/integers.js';

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
