/**
 * Small factors of many numbers (Bernstein): the primorial, the product of all primes below a limit, is
 * reduced modulo each number by a remainder tree. The common divisor of a number and its remainder has all
 * its small prime factors (kernel/smooth.as.ts).
 */

import { gcd } from '../../core/base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import { ProductTree, productOf } from '../core/product-tree.js';

/** The usual limit of the primes, and the greatest one. */
const LIMIT = 65_537;
export const MAX_LIMIT = 1 << 20;
/** Primes of one number that the kernel can return: their product has at most 64 bits. */
const MAX_FACTORS = 16;
/** Zero limbs behind a number in the kernel. */
const PADDING_LIMBS = 3;

interface SmallPrimes {
  primes: Uint32Array;
  /** Bits of the product are 1.44 times the limit: 94,000 and 1.5 million. */
  primorial: bigint;
}

/** Tables by limit. */
const cached = new Map<number, SmallPrimes>();

/** The limit of the table with all primes below `most`: five tables, whatever exponents a dump has. */
export function limitFor(most: number): number {
  return most <= LIMIT ? LIMIT : 2 ** Math.ceil(Math.log2(most));
}

/** Upper bound of the number of primes below `limit` (Rosser and Schoenfeld 1962). */
const countBelow = (limit: number): number => Math.ceil((1.25506 * limit) / Math.log(limit));

function smallPrimes(kernel: NumberKernel, limit: number): SmallPrimes {
  const known = cached.get(limit);
  if (known) return known;
  const made = kernel.scratch(() => {
    const [marks, out] = [kernel.allocate(limit), kernel.allocate(countBelow(limit) * 4)];
    const primes = kernel.u32(out, kernel.call.sieve(limit, marks, out)).slice();
    return { primes, primorial: productOf(groupedByTwo(primes)) };
  });
  cached.set(limit, made);
  return made;
}

/** Products of two primes each, which are exact as doubles. */
function groupedByTwo(primes: Uint32Array): bigint[] {
  const products: bigint[] = [];
  for (let i = 0; i < primes.length; i += 2) products.push(BigInt(primes[i]! * (primes[i + 1] ?? 1)));
  return products;
}

/** The primes below a limit of {@link limitFor} that divide each of the numbers, which are above 1. */
export function smallFactors(
  kernel: NumberKernel,
  values: readonly bigint[],
  limit: number = LIMIT,
): number[][] {
  if (values.length === 0) return [];
  const { primes, primorial } = smallPrimes(kernel, limit);
  const remainders = new ProductTree(values).remainders(primorial);
  const limbs = Math.max(...values.map((value) => Math.ceil(bitLength(value) / 32)));
  const size = (limbs + PADDING_LIMBS) * 4;
  return kernel.scratch(() => {
    const table = kernel.allocate(primes.length * 4);
    const [x, y] = [kernel.allocate(size), kernel.allocate(size)];
    const out = kernel.allocate(MAX_FACTORS * 4);
    kernel.u32(table, primes.length).set(primes);
    return values.map((value, i) => {
      write(kernel, x, size, value);
      write(kernel, y, size, remainders[i]!);
      const count = kernel.call.commonPrimes(x, y, limbs, table, primes.length, out);
      return count < 0 ? commonPrimes(value, remainders[i]!, primes) : [...kernel.u32(out, count)];
    });
  });
}

/** Cost of one number of some words, in products of words: its share of the trees, the gcd, its divisors. */
export const factoringCost = (limit: number, words: number): number => 3.6 * Math.sqrt(limit) * words + 8_000;

/** Items of a product tree: together about as long as the primorial. */
const BATCH = 64;

/** The items of whose two numbers none has a prime factor below 65,537. */
export function withoutSmallFactors<T>(
  kernel: NumberKernel,
  items: readonly T[],
  numbersOf: (item: T) => readonly [bigint, bigint],
): T[] {
  const kept: T[] = [];
  for (let from = 0; from < items.length; from += BATCH) {
    const batch = items.slice(from, from + BATCH);
    const factors = smallFactors(kernel, batch.flatMap(numbersOf));
    kept.push(...batch.filter((_, i) => factors[2 * i]!.length + factors[2 * i + 1]!.length === 0));
  }
  return kept;
}

/** Little-endian, padded with zeros. */
function write(kernel: NumberKernel, at: number, size: number, value: bigint): void {
  kernel.bytes.write(value.toString(16).padStart(size * 2, '0'), at, 'hex');
  kernel.view(at, size).reverse();
}

/** For numbers with more small factors than the kernel can return: one in some hundred. */
function commonPrimes(value: bigint, remainder: bigint, primes: Uint32Array): number[] {
  const found: number[] = [];
  let rest = gcd(value, remainder);
  let i = 0;
  for (; rest > Number.MAX_SAFE_INTEGER; i++) {
    if (rest % BigInt(primes[i]!) !== 0n) continue;
    found.push(primes[i]!);
    rest /= BigInt(primes[i]!);
  }
  // Division of doubles is ten times as fast.
  for (let small = Number(rest); small > 1; i++) {
    if (small % primes[i]! !== 0) continue;
    found.push(primes[i]!);
    small /= primes[i]!;
  }
  return found;
}
