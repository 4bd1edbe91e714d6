import { inverse, lcm } from '../../base/bytes/integers.js';
import { INSIDE, placeAt, sizeOf } from '../core/columns.js';
import { bitLength, toNumber } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import type { Place } from '../core/types.js';
import { type FamilySearch, type FragmentFound, fragment } from './key-from-part.js';
import type { Modulus } from './modulus.js';
import { type Multiple, sharedPrimes } from './shared-primes.js';

/** How many primes a modulus of so many bits has, as OpenSSL makes them (rsa_multip_cap). */
const PRIMES = [
  { count: 3, least: 1024 },
  { count: 4, least: 4096 },
  { count: 5, least: 8192 },
] as const;
/** Bits that a prime may have more or less than its share. */
const SLACK = 2;
/** What reading a number and trying small factors costs: as primes.ts has it. */
const READ = 1_200;

/** A number that divides a modulus. */
interface Factor extends Place {
  value: bigint;
}

/** Keys of three primes and more, of which all stand at edges of runs, or all but one: that one is what they leave of n. */
export function* manyPrimes(search: FamilySearch): Generator<FragmentFound> {
  const { moduli } = search.family;
  const factors = new Map<Modulus, Factor[]>();
  const found = sharedPrimes(
    candidates(search),
    moduli,
    search,
    'primes',
    'numbers did not divide known moduli',
  );
  for (const { modulus, material, offset, length, reading } of found) {
    const prime = material.p ?? material.q;
    if (prime === undefined) continue;
    const value = BigInt(`0x${Buffer.from(prime.reveal()).toString('hex')}`);
    const known = factors.get(modulus) ?? [];
    factors.set(modulus, known);
    if (known.some((other) => other.value === value)) continue;
    known.push({ value, offset, length, reading });
    const d = exponentOf(modulus, known);
    if (d !== undefined) yield fragment(modulus, 'p', known[0]!, { d });
  }
}

/** d of these primes and of what they leave, which whoever proves it finds to be one or not. */
function exponentOf({ n, e }: Modulus, factors: readonly Factor[]): bigint | undefined {
  let rest = n;
  let lambda = 1n;
  for (const { value } of factors) {
    if (rest % value !== 0n) return undefined;
    rest /= value;
    lambda = lcm(lambda, value - 1n);
  }
  if (rest > 1n) lambda = lcm(lambda, rest - 1n);
  return factors.length > 1 ? inverse(e, lambda) : undefined;
}

function* candidates({ family, windows, bytes, known, effort, leave }: FamilySearch): Generator<Multiple> {
  for (const size of sizesOf(family.moduli)) {
    const columns = windows.get(size);
    const left = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
    for (let i = 0; i < (columns?.length ?? 0); i++) {
      if (columns!.places[i] === INSIDE) continue;
      const place = placeAt(columns!, i, size);
      if (known.meets(place.offset, place.offset + place.length)) continue;
      if (!effort.spend(READ)) {
        left.count++;
        left.from = Math.min(left.from, place.offset);
        left.to = Math.max(left.to, place.offset + place.length);
        continue;
      }
      const stored = bytes.read(place.offset, place.length);
      const value = stored.length === place.length ? toNumber(stored, place.reading) : 0n;
      if (mayBePrime(value)) yield { ...place, value, part: 'p' };
    }
    if (left.count > 0)
      leave('primes', 'numbers did not divide known moduli', left.count, left.from, left.to);
  }
}

/** Sizes of the windows that a prime of one of the moduli may be in. */
function sizesOf(moduli: readonly Modulus[]): Set<number> {
  const sizes = new Set<number>();
  for (const { n, solved } of moduli)
    if (!solved) for (const size of primeSizesOf(bitLength(n))) sizes.add(size);
  return sizes;
}

/** The same of a modulus of so many bits. */
export function primeSizesOf(bits: number): Set<number> {
  const sizes = new Set<number>();
  for (const { count, least } of PRIMES) {
    if (bits < least) continue;
    const share = Math.round(bits / count);
    for (let near = share - SLACK; near <= share + SLACK; near++) sizes.add(sizeOf(near));
  }
  return sizes;
}
