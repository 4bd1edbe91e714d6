/** Product of all values, 1 for none; as a tree, so that factors have similar lengths. */
export function productOf(values: readonly bigint[]): bigint {
  if (values.length <= 2) return (values[0] ?? 1n) * (values[1] ?? 1n);
  const middle = values.length >>> 1;
  return productOf(values.slice(0, middle)) * productOf(values.slice(middle));
}

/** Product tree (Bernstein 2004): numbers, their products two by two, up to the product of all. */
export class ProductTree {
  /** Rows from the numbers to the product of all. */
  readonly #rows: bigint[][] = [];

  /** `values` are not empty. */
  constructor(values: readonly bigint[]) {
    let row = [...values];
    this.#rows.push(row);
    while (row.length > 1) {
      const below = row;
      row = below.flatMap((value, i) => (i % 2 === 0 ? [value * (below[i + 1] ?? 1n)] : []));
      this.#rows.push(row);
    }
  }

  get product(): bigint {
    return this.#rows.at(-1)![0]!;
  }

  /** `value` modulo each of the numbers (remainder tree). */
  remainders(value: bigint): bigint[] {
    return this.#rows.reduceRight((above, row) => row.map((each, i) => above[i >>> 1]! % each), [value]);
  }
}

/** The primes below `limit` (Eratosthenes). */
export function primesBelow(limit: number): number[] {
  const composite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes.push(i);
    for (let j = i * i; j < limit; j += i) composite[j] = 1;
  }
  return primes;
}

/** Primes in groups whose product is below `limit`. */
function grouped(primes: readonly number[], limit: number): number[][] {
  const groups: number[][] = [];
  let product = limit;
  for (const prime of primes) {
    product *= prime;
    if (product < limit) groups.at(-1)!.push(prime);
    else {
      groups.push([prime]);
      product = prime;
    }
  }
  return groups;
}

const multiply = (factors: readonly number[]): number => factors.reduce((all, factor) => all * factor, 1);

/**
 * Odd primes below 1,000, grouped for trial division: a bigint is reduced by products below 2^53, then by
 * products below 2^31, where integer division is ten times as fast.
 */
const SMALL = grouped(primesBelow(1000).slice(1), Number.MAX_SAFE_INTEGER).map((primes) => ({
  product: BigInt(multiply(primes)),
  parts: grouped(primes, 2 ** 31).map((part) => ({ product: multiply(part), primes: Int32Array.from(part) })),
}));

/** Trial division by the primes below 1,000: 8 % of random numbers above that pass. */
export function mayBePrime(value: bigint): boolean {
  if (BigInt.asUintN(1, value) === 0n) return false;
  for (const { product, parts } of SMALL) {
    const rest = Number(value % product);
    for (const { product, primes } of parts) {
      const small = (rest % product) | 0;
      for (let i = 0; i < primes.length; i++) if (small % primes[i]! === 0) return false;
    }
  }
  return true;
}
