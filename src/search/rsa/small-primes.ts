import { gcd } from '../../base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import { ProductTree, productOf } from '../core/product-tree.js';

/** Primes below this one are looked for, of which there are no more than so many. */
const MOST = 65_537;
const COUNT = 6600;
/** Primes of one number that the kernel tells: their product has 64 bits at most. */
const MOST_FACTORS = 16;
/** Limbs of zero behind a number in the kernel. */
const ZEROS = 3;

/** The primes below {@link MOST}, and their product, of 94,000 bits. */
let small: { primes: Uint32Array; primorial: bigint } | undefined;

function smallPrimes(kernel: Kernel): { primes: Uint32Array; primorial: bigint } {
  small ??= kernel.scratch(() => {
    const [marks, out] = [kernel.allocate(MOST), kernel.allocate(COUNT * 4)];
    const primes = kernel.u32(out, kernel.call.sieve(MOST, marks, out)).slice();
    return { primes, primorial: productOf(grouped(primes)) };
  });
  return small;
}

/** Products of three primes each, which are exact as doubles. */
function grouped(primes: Uint32Array): bigint[] {
  const products: bigint[] = [];
  for (let i = 0; i < primes.length; i += 3)
    products.push(BigInt(primes[i]! * (primes[i + 1] ?? 1) * (primes[i + 2] ?? 1)));
  return products;
}

/**
 * The primes below 65,537 that divide each of some numbers above 1: the product of all such primes modulo each, down a tree, and what each of these rests
 * shares with its number, in the kernel (kernel/smooth.as.ts).
 */
export function smallFactors(kernel: Kernel, values: readonly bigint[]): number[][] {
  if (values.length === 0) return [];
  const { primes, primorial } = smallPrimes(kernel);
  const rests = new ProductTree(values).remainders(primorial);
  const limbs = Math.max(...values.map((value) => Math.ceil(bitLength(value) / 32)));
  const size = (limbs + ZEROS) * 4;
  return kernel.scratch(() => {
    const table = kernel.allocate(primes.length * 4);
    const [x, y] = [kernel.allocate(size), kernel.allocate(size)];
    const out = kernel.allocate(MOST_FACTORS * 4);
    kernel.u32(table, primes.length).set(primes);
    return values.map((value, i) => {
      write(kernel, x, size, value);
      write(kernel, y, size, rests[i]!);
      const count = kernel.call.commonPrimes(x, y, limbs, table, primes.length, out);
      return count < 0 ? shared(value, rests[i]!, primes) : [...kernel.u32(out, count)];
    });
  });
}

/** Little-endian, with zeros behind it. */
function write(kernel: Kernel, at: number, size: number, value: bigint): void {
  kernel.bytes.write(value.toString(16).padStart(size * 2, '0'), at, 'hex');
  kernel.view(at, size).reverse();
}

/** Where the kernel does not tell: one number in some hundred has so many small factors. */
function shared(value: bigint, rest: bigint, primes: Uint32Array): number[] {
  const product = gcd(value, rest);
  return [...primes].filter((prime) => product % BigInt(prime) === 0n);
}
