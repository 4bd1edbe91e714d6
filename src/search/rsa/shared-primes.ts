import { gcd } from '../../base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import { ProductTree, productOf } from '../core/product-tree.js';
import type { Place } from '../core/types.js';
import { type FamilySearch, type FragmentFound, fragment } from './key-from-part.js';
import type { Modulus } from './modulus.js';

/** A number that may share a prime with a modulus, and the part of a key that it was made of. */
export interface Multiple extends Place {
  value: bigint;
  part: string;
}

/** What is asked of whoever searches. */
export type PrimeSearch = Pick<FamilySearch, 'family' | 'effort' | 'leave'>;

/** Numbers that are multiplied with one another before the moduli are asked. */
const CHUNK = 4096;
/** What a greatest common divisor costs, by the square of n's words. */
const GCD = 10;

/**
 * Numbers that share a prime with one of the moduli: all are multiplied modulo the product of all moduli, and one greatest
 * common divisor for each modulus tells whether there is one. What the budget does not reach is told under `name`.
 */
export function* sharedPrimes(
  multiples: Iterable<Multiple>,
  moduli: readonly Modulus[],
  search: PrimeSearch,
  name: string,
  what: string,
): Generator<FragmentFound> {
  if (moduli.length === 0) return;
  const square = search.family.words ** 2;
  // Products of many moduli are long, and long numbers are multiplied faster than by all pairs of words.
  const cost = (numbers: number, count: number) =>
    numbers * square * Math.min(count, 4 * Math.sqrt(count)) * 0.5 + count * GCD * square;
  for (const chunk of chunks(multiples)) {
    const tried = affordable(chunk, moduli, { ...search, cost, name, what });
    if (tried.length > 0) yield* sharedIn(chunk, tried);
  }
}

/** What so many numbers and so many moduli cost, and as what is told what is left. */
interface Terms extends PrimeSearch {
  cost(numbers: number, moduli: number): number;
  name: string;
  what: string;
}

/** The moduli that are open and that the budget allows, the first ones first; their cost is taken off, and the others are told. */
export function affordable(
  chunk: readonly Place[],
  moduli: readonly Modulus[],
  { family, effort, leave, cost, name, what }: Terms,
): Modulus[] {
  const open = moduli.filter(({ solved }) => !solved);
  let tried = open.length;
  while (tried > 0 && !effort.spend(cost(chunk.length, tried))) tried >>>= 1;
  if (tried < open.length) {
    const offsets = chunk.map(({ offset }) => offset);
    const end = Math.max(...offsets) + family.words * 8;
    leave(name, what, chunk.length * (open.length - tried), Math.min(...offsets), end);
  }
  return open.slice(0, tried);
}

function* sharedIn(chunk: readonly Multiple[], moduli: readonly Modulus[]): Generator<FragmentFound> {
  const all = new ProductTree(moduli.map(({ n }) => n));
  const rests = all.remainders(productModulo(chunk, all.product));
  for (const [i, modulus] of moduli.entries()) {
    for (const { p, multiple } of sharing(chunk, modulus.n, rests[i]!)) {
      const { part, value: _, ...place } = multiple;
      yield fragment(modulus, part, place, { p });
    }
  }
}

/** Product of all modulo m, in parts about as long as m. */
function productModulo(multiples: readonly Pick<Multiple, 'value'>[], m: bigint): bigint {
  const size = Math.max(1, Math.floor(bitLength(m) / bitLength(multiples[0]!.value)));
  let product = 1n;
  for (let done = 0; done < multiples.length; done += size) {
    const part = productOf(multiples.slice(done, done + size).map(({ value }) => value));
    product = (product * part) % m;
  }
  return product;
}

/** The numbers that share a prime with n, by halving; `product` is theirs modulo n. */
function* sharing(
  multiples: readonly Multiple[],
  n: bigint,
  product: bigint,
): Generator<{ p: bigint; multiple: Multiple }> {
  const p = gcd(product, n);
  // Small divisors are chance; a key has five primes at most.
  if (bitLength(p) * 6 <= bitLength(n)) return;
  if (multiples.length === 1) {
    if (p !== n) yield { p, multiple: multiples[0]! };
    return;
  }
  const middle = multiples.length >>> 1;
  for (const half of [multiples.slice(0, middle), multiples.slice(middle)])
    yield* sharing(half, n, productModulo(half, n));
}

/** Numbers a chunk at a time. */
export function* chunks<T>(all: Iterable<T>): Generator<T[]> {
  let chunk: T[] = [];
  for (const each of all) {
    if (chunk.push(each) < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
