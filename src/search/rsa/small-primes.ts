/**
 * Small factors of many numbers (Bernstein): the primorial, the product of all primes below 65,537, is
 * reduced modulo each number by a remainder tree. The common divisor of a number and its remainder has all
 * its small prime factors (kernel/smooth.as.ts).
 */

import { gcd } from '../../base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import { ProductTree, productOf } from '../core/product-tree.js';

/** Bound of the primes, and an upper bound of their count. */
const LIMIT = 65_537;
const MAX_PRIMES = 6600;
/** Primes of one number that the kernel can return: their product has at most 64 bits. */
const MAX_FACTORS = 16;
/** Zero limbs behind a number in the kernel. */
const PADDING_LIMBS = 3;

interface SmallPrimes {
  primes: Uint32Array;
  /** 94,000 bits. */
  primorial: bigint;
}

let cached: SmallPrimes | undefined;

function smallPrimes(kernel: NumberKernel): SmallPrimes {
  cached ??= kernel.scratch(() => {
    const [marks, out] = [kernel.allocate(LIMIT), kernel.allocate(MAX_PRIMES * 4)];
    const primes = kernel.u32(out, kernel.call.sieve(LIMIT, marks, out)).slice();
    return { primes, primorial: productOf(groupedByThree(primes)) };
  });
  return cached;
}

/** Products of three primes each, which are exact as doubles. */
function groupedByThree(primes: Uint32Array): bigint[] {
  const products: bigint[] = [];
  for (let i = 0; i < primes.length; i += 3)
    products.push(BigInt(primes[i]! * (primes[i + 1] ?? 1) * (primes[i + 2] ?? 1)));
  return products;
}

/** The primes below 65,537 that divide each of the numbers, which are above 1. */
export function smallFactors(kernel: NumberKernel, values: readonly bigint[]): number[][] {
  if (values.length === 0) return [];
  const { primes, primorial } = smallPrimes(kernel);
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
  const product = gcd(value, remainder);
  return [...primes].filter((prime) => product % BigInt(prime) === 0n);
}
