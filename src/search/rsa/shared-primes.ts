/**
 * Batch gcd (Bernstein): numbers that share a prime with one of many moduli. All numbers are multiplied
 * modulo the product of all moduli; a remainder tree and one gcd per modulus show whether any number shares a
 * prime with it, and bisection finds the number.
 */

import { gcd } from '../../core/base/bytes/integers.js';
import type { LimitName } from '../../core/limits/searches.js';
import { bitLength } from '../core/integer-encodings.js';
import { ProductTree, productOf } from '../core/product-tree.js';
import type { FilePlace } from '../core/types.js';
import { type Modulus, targetOf } from './modulus.js';
import type { PlacedNumber } from './placed-number.js';
import { type KeyFromPart, keyFromPart, type PartSearch } from './prime-parts.js';

/** A number that may share a prime with a modulus, and the part of a key that it was computed from. */
export interface SharedPrimeCandidate extends PlacedNumber {
  part: string;
}

/** Context of a search for primes of one family. */
export type PrimeSearch = Pick<PartSearch, 'family' | 'effort'>;

/** Numbers that are multiplied together. */
const CHUNK = 4096;
/** Cost of one gcd, in squares of the words of n. */
const GCD_COST = 10;

/**
 * Cost of one number for `count` moduli. Their product is long, and multiplication of long numbers is faster
 * than quadratic.
 */
const sharedPrimeCost = (words: number, count: number): number =>
  words ** 2 * Math.min(count, 4 * Math.sqrt(count)) * 0.5;

/** What exceeds the budget is reported as `what` under `name`. */
export function* sharedPrimes(
  numbers: Iterable<SharedPrimeCandidate>,
  moduli: readonly Modulus[],
  search: PrimeSearch,
  name: LimitName,
  what: string,
): Generator<KeyFromPart> {
  if (moduli.length === 0) return;
  const square = search.family.words ** 2;
  const cost = (numbers: number, count: number) =>
    numbers * sharedPrimeCost(search.family.words, count) + count * GCD_COST * square;
  for (const chunk of chunks(numbers)) {
    const tried = affordable(chunk, moduli, { ...search, cost, name, what });
    if (tried.length > 0) yield* sharedIn(chunk, tried);
  }
}

/** The cost of a chunk, and the name and reason under which skipped work is reported. */
interface CostModel extends PrimeSearch {
  cost(numbers: number, moduli: number): number;
  name: LimitName;
  what: string;
}

/** The first unsolved moduli that the budget covers, which is charged; the others are reported. */
export function affordable(
  chunk: readonly FilePlace[],
  moduli: readonly Modulus[],
  { family, effort, cost, name, what }: CostModel,
): readonly Modulus[] {
  const open = moduli.filter(({ solved }) => !solved);
  let span: { from: number; to: number } | undefined;
  return effort.cover(
    open,
    (count) => cost(chunk.length, count),
    (modulus) => {
      span ??= spanOf(chunk, family.words * 8);
      const { length } = chunk;
      return { search: name, what, targets: [targetOf(modulus)], count: length, likely: length, ...span };
    },
  );
}

function spanOf(chunk: readonly FilePlace[], length: number): { from: number; to: number } {
  const offsets = chunk.map(({ offset }) => offset);
  return { from: Math.min(...offsets), to: Math.max(...offsets) + length };
}

/**
 * Numbers that are moduli themselves are a batch of their own: each makes the product zero for its modulus,
 * which shows nothing, and all others would be multiplied once more.
 */
function* sharedIn(
  chunk: readonly SharedPrimeCandidate[],
  moduli: readonly Modulus[],
): Generator<KeyFromPart> {
  const tree = new ProductTree(moduli.map(({ n }) => n));
  const own = new Set(moduli.map(({ n }) => n));
  const batches = [chunk.filter(({ value }) => !own.has(value)), chunk.filter(({ value }) => own.has(value))];
  for (const batch of batches) {
    if (batch.length === 0) continue;
    const remainders = tree.remainders(productModulo(batch, tree.product));
    for (const [i, modulus] of moduli.entries())
      for (const { p, number } of sharing(batch, modulus.n, remainders[i]!)) {
        const { part, value: _, ...place } = number;
        yield keyFromPart(modulus, part, place, { p });
      }
  }
}

/** Product of all numbers modulo m, reduced after factors that are together about as long as m. */
function productModulo(numbers: readonly SharedPrimeCandidate[], m: bigint): bigint {
  const size = Math.max(1, Math.floor(bitLength(m) / bitLength(numbers[0]!.value)));
  let product = 1n;
  for (let done = 0; done < numbers.length; done += size) {
    const part = productOf(numbers.slice(done, done + size).map(({ value }) => value));
    product = (product * part) % m;
  }
  return product;
}

/** The numbers that share a prime with n, by bisection; `product` is theirs modulo n. */
function* sharing(
  numbers: readonly SharedPrimeCandidate[],
  n: bigint,
  product: bigint,
): Generator<{ p: bigint; number: SharedPrimeCandidate }> {
  const p = gcd(product, n);
  // A key has five primes at most; smaller common divisors are chance.
  if (bitLength(p) * 6 <= bitLength(n)) return;
  if (numbers.length === 1) {
    if (p !== n) yield { p, number: numbers[0]! };
    return;
  }
  if (product === 0n) {
    // A multiple of n shows nothing: bisection would multiply all numbers at each of a dozen levels.
    const others = numbers.filter(({ value }) => value % n !== 0n);
    if (others.length < numbers.length) {
      if (others.length > 0) yield* sharing(others, n, productModulo(others, n));
      return;
    }
  }
  const middle = numbers.length >>> 1;
  for (const half of [numbers.slice(0, middle), numbers.slice(middle)])
    yield* sharing(half, n, productModulo(half, n));
}

/** Chunks of {@link CHUNK}. */
export function* chunks<T>(all: Iterable<T>): Generator<T[]> {
  let chunk: T[] = [];
  for (const each of all) {
    if (chunk.push(each) < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
