/** Arithmetic on many big integers at once. */

/** Product of all, as a tree, so that most factors are of like length; 1 for none. */
export function productOf(values: readonly bigint[]): bigint {
  if (values.length <= 2) return (values[0] ?? 1n) * (values[1] ?? 1n);
  const middle = values.length >>> 1;
  return productOf(values.slice(0, middle)) * productOf(values.slice(middle));
}

/** Numbers, their products two by two, and so on up to the product of all. */
export class ProductTree {
  /** The numbers first, last the product of all. */
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

  /** `value` modulo each of the numbers: most divisions are of numbers of like length. */
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

/** Primes in groups whose product is below 2^53. */
function grouped(primes: readonly number[]): { product: number; primes: number[] }[] {
  const groups: { product: number; primes: number[] }[] = [];
  for (const prime of primes) {
    const last = groups.at(-1);
    if (last && last.product * prime < Number.MAX_SAFE_INTEGER) {
      last.product *= prime;
      last.primes.push(prime);
    } else groups.push({ product: prime, primes: [prime] });
  }
  return groups;
}

/** Leaves 8 % of random numbers: what follows a division costs ten times as much. */
const SMALL = grouped(primesBelow(1000)).map(({ product, primes }) => ({ product: BigInt(product), primes }));

/** False for numbers with a prime factor below 1,000. The number is larger than that. */
export function mayBePrime(value: bigint): boolean {
  for (const { product, primes } of SMALL) {
    const rest = Number(value % product);
    for (const prime of primes) if (rest % prime === 0) return false;
  }
  return true;
}
