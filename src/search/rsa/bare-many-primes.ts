/**
 * Keys of three primes and more, of which n and all primes, or all but one, are present as bare numbers.
 * Batch trial division: the product of all possible moduli is reduced modulo each possible prime by a
 * remainder tree.
 */

import type { RsaMaterial } from '../../model/key-material.js';
import {
  BEHIND_HEADER,
  FITTING,
  indicesWhere,
  placeAt,
  spanOf,
  type WindowColumns,
  wordsOf,
} from '../core/columns.js';
import { mayBePrime, ProductTree, productOf } from '../core/product-tree.js';
import type { SearchContext } from '../core/search-context.js';
import type { Place } from '../core/types.js';
import { primeSizesOf } from './many-primes.js';
import { isAtEdge, type PlacedNumber, readNumber } from './placed-number.js';
import { privateExponent, rsaMaterial } from './rsa-material.js';

/** Words of the moduli, longest first; few multi-prime keys have another length. */
const MODULUS_WORDS = [64, 48, 32] as const;
/**
 * Windows of one size that are read as primes and as moduli, 15 us each.
 * Dividing all moduli of one length by all primes of one length takes 20 ms.
 * Cores of Java have up to 320 windows at the edges of runs, cores of Node up to 90, a guest's memory 900.
 */
const MAX_PRIMES = 1024;
const MAX_MODULI = 256;
/**
 * Places of the windows that are read: the first of these filters that leaves few enough.
 * Most edges in a large crowd are code and packed data, while an allocated number follows a header.
 */
const PLACE_FILTERS: readonly ((place: number) => boolean)[] = [
  isAtEdge,
  (place) => place === BEHIND_HEADER || place === FITTING,
  (place) => place === FITTING,
];
const UNTRIED = 'numbers were not tried as a modulus of three primes, or as one of them';
/** Assumed for keys of more than three primes. */
const ASSUMED_E = 65_537n;

/** A key and the bare numbers that gave it. */
export interface FoundByPrimes {
  n: bigint;
  material: RsaMaterial;
  /** Where the largest prime is that is present. */
  place: Place;
  /** File offset of n. */
  modulus: number;
}

/** `known`: moduli covered by other searches, and those of keys proven meanwhile. */
export function* bareManyPrimes(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  context: Pick<SearchContext, 'bytes' | 'skippedWork' | 'budget'>,
): Generator<FoundByPrimes> {
  const maxPrimes = context.budget(MAX_PRIMES);
  const maxModuli = context.budget(MAX_MODULI);
  // Moduli of different lengths can have primes of one length.
  const primesBySize = new Map<number, readonly PlacedNumber[]>();
  const primesIn = (selection: Selection): readonly PlacedNumber[] => {
    const numbers = primesBySize.get(selection.size) ?? [...numbersIn(selection, maxPrimes, context)];
    primesBySize.set(selection.size, numbers);
    return numbers;
  };
  const reported = new Set<number>();
  for (const words of MODULUS_WORDS) {
    const selection = selectWindows(windows, words, maxModuli);
    const sizes = [...primeSizesOf(words * 64)].map((size) => selectWindows(windows, size, maxPrimes));
    if (sizes.some(({ columns }) => columns)) reportExcluded([selection, ...sizes], reported, context);
    // No window is read unless both moduli and primes are there.
    if (selection.indices.length === 0 || sizes.reduce((sum, { indices }) => sum + indices.length, 0) < 2)
      continue;
    const moduli = [...numbersIn(selection, maxModuli, context)].filter(({ value }) => !known.has(value));
    const primes = moduli.length > 0 ? sizes.flatMap(primesIn) : [];
    if (primes.length < 2) continue;
    const remainders = new ProductTree(primes.map(({ value }) => value)).remainders(
      productOf(moduli.map(({ value }) => value)),
    );
    const dividing = primes.filter((_, i) => remainders[i] === 0n);
    if (dividing.length < 2) continue;
    for (const { value: n, offset } of moduli) {
      const factors = new Map(
        dividing.filter(({ value }) => n % value === 0n).map((each) => [each.value, each]),
      );
      const found = keyOf(n, [...factors.keys()]);
      const place = found && factors.get(found.largest);
      // OpenSSL also keeps the product of all primes but the last one: it divides the key's n.
      if (place && ![...known].some((whole) => whole % n === 0n))
        yield { n, material: found.material, place: placeOf(place), modulus: offset };
    }
  }
}

const placeOf = ({ offset, length, reading }: PlacedNumber): Place => ({ offset, length, reading });

/** Windows of one size that are read. */
interface Selection {
  size: number;
  columns: WindowColumns | undefined;
  indices: Uint32Array;
  /** Windows that only a narrower filter left out. */
  excluded: number;
}

function selectWindows(windows: ReadonlyMap<number, WindowColumns>, size: number, most: number): Selection {
  const columns = windows.get(size);
  let indices: Uint32Array = new Uint32Array(0);
  let all = 0;
  for (const accepts of columns ? PLACE_FILTERS : []) {
    indices = indicesWhere(columns!, accepts);
    all ||= indices.length;
    if (indices.length <= most) break;
  }
  return { size, columns, indices, excluded: all - indices.length };
}

/** Windows that were left out because there are too many at the edges of runs, once for each size. */
function reportExcluded(
  selections: readonly Selection[],
  reported: Set<number>,
  { skippedWork }: Pick<SearchContext, 'skippedWork'>,
): void {
  for (const { size, columns, excluded } of selections) {
    if (excluded === 0 || reported.has(size)) continue;
    reported.add(size);
    const { first, last } = spanOf(columns!);
    const left = { target: 'blind', left: excluded } as const;
    skippedWork.add('rsa-unknown-n many primes', left, UNTRIED, first, last + wordsOf(size) * 8);
  }
}

/** Distinct numbers without a prime factor below 1,000: primes, and products of primes. */
function* numbersIn(
  { size, columns, indices }: Selection,
  most: number,
  { bytes, skippedWork }: Pick<SearchContext, 'bytes' | 'skippedWork'>,
): Generator<PlacedNumber> {
  const seen = new Set<bigint>();
  for (const [k, i] of indices.entries()) {
    if (k >= most) {
      const { offset, length } = placeAt(columns!, i, size);
      const left = { target: 'blind', left: 1 } as const;
      skippedWork.add('rsa-unknown-n many primes', left, UNTRIED, offset, offset + length);
      continue;
    }
    const number = readNumber(columns!, i, size, bytes);
    if (number === undefined || seen.has(number.value) || !mayBePrime(number.value)) continue;
    seen.add(number.value);
    yield number;
  }
}

/**
 * The key of n and its factors, if these are three or more, one missing factor included. The proof tests
 * primality.
 */
function keyOf(
  n: bigint,
  factors: readonly bigint[],
): { material: RsaMaterial; largest: bigint } | undefined {
  const cofactor = factors.reduce((left, factor) => (left % factor === 0n ? left / factor : 0n), n);
  const primes = cofactor > 1n ? [...factors, cofactor] : [...factors];
  if (cofactor === 0n || factors.length < 2 || primes.length < 3) return undefined;
  const [p, q] = primes.sort((a, b) => (a < b ? 1 : -1)) as [bigint, bigint];
  const largest = factors.includes(p) ? p : q;
  // Two of three primes determine the third; of more primes only d tells all.
  if (primes.length === 3) return { material: rsaMaterial({ n, p, q }), largest };
  const d = privateExponent(ASSUMED_E, primes);
  return d === undefined ? undefined : { material: rsaMaterial({ n, e: ASSUMED_E, d }), largest };
}
