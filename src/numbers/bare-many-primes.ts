import { gcd, inverse, toBytes } from '../integers.js';
import type { RsaMaterial } from '../keys.js';
import { Secret } from '../secret.js';
import { FITTING, INSIDE, indicesWhere, placeAt, type WindowColumns } from './columns.js';
import { primeSizesOf } from './many-primes.js';
import type { Means } from './means.js';
import { mayBePrime, productOf } from './products.js';
import { toNumber } from './readings.js';
import type { Place } from './types.js';

/** Words of the moduli, the longest first: of other lengths few keys have more than two primes. */
const MODULI = [64, 48, 32] as const;
/** Windows of one size that are read, 3 us each; of more those behind the header of an object of just their length. */
const MOST = 512;
/** Numbers of one size without a small factor, 1 in 12 of those: primes, and moduli, whose product is divided by each of these. */
const MOST_PRIMES = 256;
const MOST_MODULI = 64;
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
 * moduli is divided by each that may be a prime. `known`: moduli that are searched for elsewhere, and those that
 * turn out to be a key's meanwhile.
 */
export function* bareManyPrimes(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  means: Pick<Means, 'bytes' | 'shortfall' | 'budget'>,
): Generator<ManyPrimesFound> {
  const bySize = new Map<number, Numbered[]>();
  // No size of a modulus is one of a prime.
  const numbersOf = (size: number, most: number): Numbered[] => {
    const numbers = bySize.get(size) ?? [...numbersIn(windows, size, means, most)];
    bySize.set(size, numbers);
    return numbers;
  };
  for (const words of MODULI) {
    const sizes = [...primeSizesOf(words * 64)].filter((size) => (windows.get(size)?.length ?? 0) > 1);
    if (sizes.length === 0 || (windows.get(words)?.length ?? 0) === 0) continue;
    const primes = sizes.flatMap((size) => numbersOf(size, MOST_PRIMES));
    if (primes.length < 2) continue;
    const moduli = numbersOf(words, MOST_MODULI).filter(({ value }) => !known.has(value));
    if (moduli.length === 0) continue;
    // The product of all moduli is divided once by each.
    const product = productOf(moduli.map(({ value }) => value));
    const dividing = primes.filter(({ value }) => product % value === 0n);
    if (dividing.length < 2) continue;
    for (const { value: n, offset } of moduli) {
      const own = dividing.filter(({ value }) => n % value === 0n);
      const factors = new Map(own.map((each) => [each.value, each]));
      const found = keyOf(n, [...factors.keys()]);
      const place = found && factors.get(found.largest);
      // OpenSSL keeps the product of all primes but the last one, too.
      const isPart = [...known].some((whole) => whole % n === 0n);
      if (place && !isPart) yield { n, material: found.material, place: placeOf(place), modulus: offset };
    }
  }
}

const placeOf = ({ offset, length, reading }: Numbered): Place => ({ offset, length, reading });

/** Numbers without a factor below 1,000: primes, and products of some. */
function* numbersIn(
  windows: ReadonlyMap<number, WindowColumns>,
  size: number,
  { bytes, shortfall, budget }: Pick<Means, 'bytes' | 'shortfall' | 'budget'>,
  most: number,
): Generator<Numbered> {
  const columns = windows.get(size);
  if (columns === undefined) return;
  const edges = indicesWhere(columns, (place) => place !== INSIDE);
  const chosen = edges.length > budget(MOST) ? edges.filter((i) => columns.places[i] === FITTING) : edges;
  const room = { read: budget(MOST), kept: budget(most) };
  const seen = new Set<bigint>();
  for (const i of chosen) {
    const place = placeAt(columns, i, size);
    if (room.read-- <= 0 || seen.size >= room.kept) {
      const to = place.offset + place.length;
      shortfall.add(
        'rsa-unknown-n many primes',
        'numbers were not tried as one of three primes',
        place.offset,
        to,
      );
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
  const d = inverse(USUAL_E, lcmOf(primes));
  if (d === undefined) return undefined;
  return { material: { ...material, e: toBytes(USUAL_E), d: secret(d) }, largest };
}

const lcmOf = (primes: readonly bigint[]): bigint =>
  primes.reduce((all, prime) => (all / gcd(all, prime - 1n)) * (prime - 1n), 1n);
