import { inverse, lcm, toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { RsaMaterial } from '../../model/key-material.js';
import {
  BEHIND_HEADER,
  FITTING,
  INSIDE,
  indicesWhere,
  placeAt,
  type WindowColumns,
} from '../core/columns.js';
import { toNumber } from '../core/integer-encodings.js';
import { mayBePrime, ProductTree, productOf } from '../core/product-tree.js';
import type { SearchContext } from '../core/search-context.js';
import type { Place } from '../core/types.js';
import { primeSizesOf } from './many-primes.js';

/** Words of the moduli, the longest first: of other lengths few keys have more than two primes. */
const MODULI = [64, 48, 32] as const;
/**
 * Windows of one size that are read, as primes and as moduli: 15 us each, and 20 ms where all moduli of a length are divided by all primes of one.
 * Cores of Java and Node have no more than 190 and 90 at the edges of runs.
 */
const MOST_PRIMES = 256;
const MOST_MODULI = 64;
/**
 * Which windows these are: the first of these kinds that has no more than so many. A crowd's edges are those of code and packed data,
 * and whoever allocates a number puts a header before it.
 */
const KINDS: readonly ((place: number) => boolean)[] = [
  (place) => place !== INSIDE,
  (place) => place === BEHIND_HEADER || place === FITTING,
  (place) => place === FITTING,
];
/** What a key of more than three is taken to have: nothing tells it here. */
const USUAL_E = 65_537n;

/** Primes of one key, all or all but one, and its modulus, all bare numbers. */
export interface ManyPrimesFound {
  n: bigint;
  material: RsaMaterial;
  /** Where the largest prime stands that is here. */
  place: Place;
  /** File offset of n. */
  modulus: number;
}

interface Numbered extends Place {
  value: bigint;
}

/**
 * Keys of three primes and more of which nothing else is here: n, and all primes or all but one. The product of all that may be
 * moduli is reduced modulo each that may be a prime. `known`: moduli that are searched for elsewhere, and those that
 * turn out to be a key's meanwhile.
 */
export function* bareManyPrimes(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  means: Pick<SearchContext, 'bytes' | 'shortfall' | 'budget'>,
): Generator<ManyPrimesFound> {
  const mostPrimes = means.budget(MOST_PRIMES);
  const mostModuli = means.budget(MOST_MODULI);
  // Moduli of two lengths have primes of one.
  const bySize = new Map<number, readonly Numbered[]>();
  const primesOf = (chosen: Chosen): readonly Numbered[] => {
    const numbers = bySize.get(chosen.size) ?? [...numbersIn(chosen, mostPrimes, means)];
    bySize.set(chosen.size, numbers);
    return numbers;
  };
  for (const words of MODULI) {
    const chosen = chosenOf(windows, words, mostModuli);
    const sizes = [...primeSizesOf(words * 64)].map((size) => chosenOf(windows, size, mostPrimes));
    // Nothing is read for one half alone.
    if (chosen.indices.length === 0 || sizes.reduce((sum, { indices }) => sum + indices.length, 0) < 2)
      continue;
    const moduli = [...numbersIn(chosen, mostModuli, means)].filter(({ value }) => !known.has(value));
    const primes = moduli.length > 0 ? sizes.flatMap(primesOf) : [];
    if (primes.length < 2) continue;
    const rests = new ProductTree(primes.map(({ value }) => value)).remainders(
      productOf(moduli.map(({ value }) => value)),
    );
    const dividing = primes.filter((_, i) => rests[i] === 0n);
    if (dividing.length < 2) continue;
    for (const { value: n, offset } of moduli) {
      const own = dividing.filter(({ value }) => n % value === 0n);
      const factors = new Map(own.map((each) => [each.value, each]));
      const found = keyOf(n, [...factors.keys()]);
      const place = found && factors.get(found.largest);
      // OpenSSL keeps the product of all primes but the last one, too.
      if (place && ![...known].some((whole) => whole % n === 0n))
        yield { n, material: found.material, place: placeOf(place), modulus: offset };
    }
  }
}

const placeOf = ({ offset, length, reading }: Numbered): Place => ({ offset, length, reading });

/** Windows of one size that are read. */
interface Chosen {
  size: number;
  columns: WindowColumns | undefined;
  indices: Uint32Array;
}

function chosenOf(windows: ReadonlyMap<number, WindowColumns>, size: number, most: number): Chosen {
  const columns = windows.get(size);
  let indices: Uint32Array = new Uint32Array(0);
  for (const isOne of columns ? KINDS : []) {
    indices = indicesWhere(columns!, isOne);
    if (indices.length <= most) break;
  }
  return { size, columns, indices };
}

/** Each once, without those that have a factor below 1,000: primes, and products of some. */
function* numbersIn(
  { size, columns, indices }: Chosen,
  most: number,
  { bytes, shortfall }: Pick<SearchContext, 'bytes' | 'shortfall'>,
): Generator<Numbered> {
  const seen = new Set<bigint>();
  for (const [k, i] of indices.entries()) {
    const place = placeAt(columns!, i, size);
    if (k >= most) {
      const what = 'numbers were not tried as one of three primes';
      shortfall.add('rsa-unknown-n many primes', what, place.offset, place.offset + place.length);
      continue;
    }
    const stored = bytes.read(place.offset, place.length);
    const value = stored.length === place.length ? toNumber(stored, place.reading) : 0n;
    if (seen.has(value) || !mayBePrime(value)) continue;
    seen.add(value);
    yield { ...place, value };
  }
}

/** The key of n and of some factors, where these are three or leave one more; whoever proves it finds whether they are primes. */
function keyOf(
  n: bigint,
  factors: readonly bigint[],
): { material: RsaMaterial; largest: bigint } | undefined {
  const rest = factors.reduce((left, factor) => (left % factor === 0n ? left / factor : 0n), n);
  const primes = rest > 1n ? [...factors, rest] : [...factors];
  if (rest === 0n || factors.length < 2 || primes.length < 3) return undefined;
  const [p, q] = primes.sort((a, b) => (a < b ? 1 : -1)) as [bigint, bigint];
  const largest = factors.includes(p) ? p : q;
  const secret = (value: bigint) => new Secret(toBytes(value));
  const material: RsaMaterial = { type: 'rsa', n: toBytes(n) };
  // The third prime is what two leave; d tells more of them.
  if (primes.length === 3) return { material: { ...material, p: secret(p), q: secret(q) }, largest };
  const d = inverse(
    USUAL_E,
    primes.reduce((all, prime) => lcm(all, prime - 1n), 1n),
  );
  if (d === undefined) return undefined;
  return { material: { ...material, e: toBytes(USUAL_E), d: secret(d) }, largest };
}
