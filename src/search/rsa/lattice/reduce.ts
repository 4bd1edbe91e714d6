import { bitsOf } from '../../../base/bytes/integers.js';

/** Bits behind the point of a coefficient, and of the square of a length: more than rounding spoils in twenty dimensions. */
const FRACTION = 64;
const PRECISION = 96;
const POINT = BigInt(FRACTION);
const HALF = 1n << (POINT - 1n);
/** A step with a larger quotient has spoiled what the coefficients say behind the point: they are computed once more. */
const MOST_EXACT = 1n << 20n;
/** How much shorter than the vector before it, in hundredths of its square, a vector may be that stays behind it. */
const DELTA = 99n;

/** A basis that is being reduced: rows, and what Gram and Schmidt make of them in fixed-point numbers, each with a scale of its own. */
class Basis {
  readonly rows: bigint[][];
  /** Longest entry of each row in bits. */
  readonly #lengths: number[];
  /** mu[k][j] of b_k = b_k* + sum of mu[k][j] b_j*, with {@link FRACTION} bits behind the point. */
  readonly #mu: bigint[][];
  /** <b_k, b_j*>, and on the diagonal the square of b_k*, without their last scale[j] bits. */
  readonly #r: bigint[][];
  readonly #scale: number[];

  constructor(rows: readonly (readonly bigint[])[]) {
    this.rows = rows.map((row) => [...row]);
    this.#lengths = rows.map(longest);
    this.#mu = rows.map(() => rows.map(() => 0n));
    this.#r = rows.map(() => rows.map(() => 0n));
    this.#scale = rows.map(() => 0);
  }

  /** The first row, to which no other is orthogonal yet. */
  begin(): void {
    const [row] = this.rows as [bigint[]];
    this.#keep(0, product(row, row, 0n), 0);
  }

  /** Makes row k as short as whole multiples of those before it allow; true where it may stay behind them (Lovász). */
  settle(k: number): boolean {
    let cut = this.#project(k);
    while (this.#shorten(k)) cut = this.#project(k);
    const before = k - 1;
    const scale = this.#scale[before]!;
    const row = this.rows[k]!.map((entry) => entry >> BigInt(cut));
    const mu = this.#mu[k]!;
    const along = mu.map((m, j) =>
      j < k ? (m * ((m * this.#r[j]![j]!) >> POINT)) >> this.#shift(scale, j) : 0n,
    );
    const square = along.reduce((left, part) => left - part, product(row, row, BigInt(scale - 2 * cut)));
    if ((square + along[before]!) * 100n < DELTA * this.#r[before]![before]!) return false;
    this.#keep(k, square, scale);
    return true;
  }

  /** Exchanges row k for the one before it. */
  swap(k: number): void {
    for (const column of [this.rows, this.#lengths] as unknown[][])
      [column[k - 1], column[k]] = [column[k], column[k - 1]];
  }

  /** Coefficients of row k, from as many bits of the rows as tell them; answers how many were cut off. */
  #project(k: number): number {
    const least = Math.min(...this.#scale.slice(0, k));
    const most = Math.max(...this.#lengths.slice(0, k + 1));
    const cut = Math.max(0, least - most - 8);
    const places = BigInt(cut);
    const row = this.rows[k]!.map((entry) => entry >> places);
    const [mu, r] = [this.#mu[k]!, this.#r[k]!];
    for (let j = 0; j < k; j++) {
      const scale = this.#scale[j]!;
      const other = this.rows[j]!.map((entry) => entry >> places);
      let rest = product(row, other, BigInt(scale - 2 * cut));
      for (let l = 0; l < j; l++) rest -= (this.#mu[j]![l]! * r[l]!) >> this.#shift(scale, l);
      r[j] = rest;
      mu[j] = (rest << POINT) / this.#r[j]![j]!;
    }
    return cut;
  }

  /** Takes whole multiples of the rows before it off row k; true where the coefficients are no longer exact. */
  #shorten(k: number): boolean {
    const [row, mu] = [this.rows[k]!, this.#mu[k]!];
    let spoiled = false;
    let changed = false;
    for (let j = k - 1; j >= 0; j--) {
      const quotient = (mu[j]! + HALF) >> POINT;
      if (quotient === 0n) continue;
      changed = true;
      spoiled ||= quotient > MOST_EXACT || quotient < -MOST_EXACT;
      const other = this.#mu[j]!;
      for (let l = 0; l < j; l++) mu[l]! -= quotient * other[l]!;
      mu[j]! -= quotient << POINT;
      for (const [i, entry] of this.rows[j]!.entries()) if (entry !== 0n) row[i]! -= quotient * entry;
    }
    if (changed) this.#lengths[k] = longest(row);
    return spoiled;
  }

  /** From the point of a coefficient times a number in the scale of `l` to another scale. */
  #shift(scale: number, l: number): bigint {
    return BigInt(FRACTION + scale - this.#scale[l]!);
  }

  #keep(k: number, square: bigint, scale: number): void {
    const more = bitsOf(square) - PRECISION;
    this.#scale[k] = scale + more;
    this.#r[k]![k] = square >> BigInt(more);
  }
}

/**
 * A short basis of the lattice that independent rows span, the shortest first within a small factor (Lenstra, Lenstra, Lovász; with
 * coefficients of fixed precision as by Nguyen and Stehlé). All steps are exact in the rows: it is the same lattice.
 */
export function reduce(rows: readonly (readonly bigint[])[]): bigint[][] {
  const basis = new Basis(rows);
  basis.begin();
  for (let k = 1; k < rows.length; ) {
    if (basis.settle(k)) {
      k++;
      continue;
    }
    basis.swap(k);
    if (k === 1) basis.begin();
    else k--;
  }
  return basis.rows;
}

function longest(row: readonly bigint[]): number {
  let most = 0;
  for (const entry of row) most = Math.max(most, bitsOf(entry));
  return most;
}

/** Inner product without its last bits. */
function product(a: readonly bigint[], b: readonly bigint[], cut: bigint): bigint {
  let sum = 0n;
  for (const [i, entry] of a.entries()) sum += entry * b[i]!;
  return sum >> cut;
}
