import { describe, expect, test } from '@jest/globals';
import { reduceLll } from '../../../src/search/rsa/lattice/factor.js';
import fc from '../../support/property.js';

/** Numerator, and positive denominator. */
type Fraction = readonly [bigint, bigint];

const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => lowest(a * d + c * b, b * d);
const minus = (a: Fraction, [c, d]: Fraction): Fraction => plus(a, [-c, d]);
const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => lowest(a * c, b * d);
const over = (a: Fraction, [c, d]: Fraction): Fraction => times(a, c < 0n ? [-d, -c] : [d, c]);
const number = ([a, b]: Fraction): number => Number((a * 1_000_000n) / b) / 1_000_000;

function lowest(a: bigint, b: bigint): Fraction {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y > 0n) [x, y] = [y, x % y];
  return [a / x, b / x];
}

/** Exact Gram-Schmidt orthogonalisation: squared norms and coefficients. */
function orthogonal(rows: readonly (readonly bigint[])[]): { squares: Fraction[]; mu: Fraction[][] } {
  const vectors: Fraction[][] = [];
  const squares: Fraction[] = [];
  const mu = rows.map((row) => {
    const vector: Fraction[] = row.map((entry) => [entry, 1n]);
    const coefficients = vectors.map((other, j) => {
      const inner = row.reduce<Fraction>(
        (sum, entry, i) => plus(sum, times([entry, 1n], other[i]!)),
        [0n, 1n],
      );
      return over(inner, squares[j]!);
    });
    for (const [j, coefficient] of coefficients.entries())
      for (const i of vector.keys()) vector[i] = minus(vector[i]!, times(coefficient, vectors[j]![i]!));
    vectors.push(vector);
    squares.push(vector.reduce<Fraction>((sum, each) => plus(sum, times(each, each)), [0n, 1n]));
    return coefficients;
  });
  return { squares, mu };
}

/** Hermite normal form: equal for two bases if and only if they span the same lattice. */
function hermite(rows: readonly (readonly bigint[])[]): bigint[][] {
  const all = rows.map((row) => [...row]);
  const size = all.length;
  for (let column = 0; column < size; column++) {
    for (;;) {
      const rest = all.slice(column).filter((row) => row[column] !== 0n);
      const pivot = rest.reduce((a, b) => (abs(b[column]!) < abs(a[column]!) ? b : a));
      const at = all.indexOf(pivot);
      [all[column], all[at]] = [all[at]!, all[column]!];
      if (rest.length === 1) break;
      for (const row of all.slice(column + 1)) take(row, pivot, row[column]! / pivot[column]!);
    }
    const pivot = all[column]!;
    if (pivot[column]! < 0n) for (const i of pivot.keys()) pivot[i] = -pivot[i]!;
    for (const row of all.slice(0, column)) {
      const rest = ((row[column]! % pivot[column]!) + pivot[column]!) % pivot[column]!;
      take(row, pivot, (row[column]! - rest) / pivot[column]!);
    }
  }
  return all;
}

const abs = (value: bigint) => (value < 0n ? -value : value);

function take(row: bigint[], other: readonly bigint[], quotient: bigint): void {
  for (const i of row.keys()) row[i]! -= quotient * other[i]!;
}

/** Triangular, hence independent. */
const bases = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.integer({ min: 1, max: 200 }).chain((bits) => {
    const most = 1n << BigInt(bits);
    const entry = fc.bigInt({ min: -most, max: most });
    return fc
      .array(fc.array(entry, { minLength: size, maxLength: size }), { minLength: size, maxLength: size })
      .map((rows) =>
        rows.map((row, i) => row.map((each, j) => (j < i ? each : j > i ? 0n : abs(each) + 1n))),
      );
  }),
);

describe('reduceLll', () => {
  test('gives a reduced basis of the same lattice', () => {
    fc.assert(
      fc.property(bases, (rows) => {
        const short = reduceLll(rows);
        expect(hermite(short)).toEqual(hermite(rows));
        const { squares, mu } = orthogonal(short);
        for (const row of mu)
          for (const each of row) expect(Math.abs(number(each))).toBeLessThanOrEqual(0.5001);
        for (let k = 1; k < short.length; k++) {
          const ratio = number(over(squares[k]!, squares[k - 1]!));
          expect(ratio + number(mu[k]![k - 1]!) ** 2).toBeGreaterThan(0.9899);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('reduces rows of very different lengths', () => {
    const rows = [
      [1n << 4000n, 0n, 0n],
      [(1n << 2000n) + 12345n, 1n << 300n, 0n],
      [987_654_321n << 3000n, 0n, 1n << 600n],
    ];
    expect(hermite(reduceLll(rows))).toEqual(hermite(rows));
  });

  test('does not change its argument', () => {
    const rows = [
      [5n, 0n],
      [3n, 1n],
    ];
    expect(reduceLll(rows)).toHaveLength(2);
    expect(rows).toEqual([
      [5n, 0n],
      [3n, 1n],
    ]);
  });
});
