/**
 * p or q of known moduli, in any window and encoding, and R mod p = R - p of a Montgomery context. A number
 * that fills half the words of a modulus which fills all of its own is tested by exact division
 * (divisors.ts). All others are tested for a common prime (shared-primes.ts), which covers primes of unequal
 * lengths of targets.
 */

import { toBigint, toBytes, trimmed } from '../../core/base/bytes/integers.js';
import { FITTING, INSIDE, partialSize, placeAt, type WindowColumns } from '../core/columns.js';
import { toBigEndian } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import type { FilePlace } from '../core/types.js';
import { DivisorFinder, isFullOdd } from './divisors.js';
import { type Modulus, targetsOf } from './modulus.js';
import { READ_COST } from './placed-number.js';
import { type KeyFromPart, keyFromPart, type PartSearch } from './prime-parts.js';
import { affordable, chunks, type SharedPrimeCandidate, sharedPrimes } from './shared-primes.js';

/**
 * Windows of one size inside runs, and at edges without filling their run, that are read; cores have some
 * thousand.
 */
const MAX_WINDOWS = 5_000;
/**
 * With more windows of one size than this, only a sample of that size is read after those that fit their
 * header.
 */
const MANY_WINDOWS = 10_000;
const MANY_WINDOWS_SAMPLE = 500;

/** A number as octets, most significant first, without leading zeros; few are converted to a bigint. */
interface Candidate extends FilePlace {
  octets: Buffer;
  part: string;
}

const NAME = 'rsa-known-n primes';
const WHAT = 'numbers were not tried as divisors of known moduli';

export function* primes(search: PartSearch): Generator<KeyFromPart> {
  const { half, moduli } = search.family;
  const isFull = new Map(moduli.map((modulus) => [modulus, isFullOdd(toBytes(modulus.n), 2 * half)]));
  const full = moduli.filter((modulus) => isFull.get(modulus));
  const others = moduli.filter((modulus) => !isFull.get(modulus));
  const divisors = new DivisorFinder(
    search.kernel,
    half,
    full.map(({ n }) => toBytes(n)),
  );
  // A number without its top bit is a prime of a full modulus only if the other prime is longer.
  const open = moduli.filter((modulus) => modulus.isTarget || !isFull.get(modulus));
  const sharing = [
    { numbers: [] as SharedPrimeCandidate[], moduli: others },
    { numbers: [] as SharedPrimeCandidate[], moduli: open },
  ] as const;
  for (const chunk of chunks(candidates(search))) {
    const dividable = chunk.filter(({ octets }) => isFullOdd(octets, half));
    if (full.length > 0) yield* dividing(dividable, full, divisors, search);
    for (const { octets, ...rest } of chunk) {
      const { numbers, moduli } = sharing[isFullOdd(octets, half) ? 0 : 1];
      if (moduli.length === 0) continue;
      const value = toBigint(octets);
      if (mayBePrime(value)) numbers.push({ value, ...rest });
    }
  }
  for (const { numbers, moduli } of sharing) yield* sharedPrimes(numbers, moduli, search, NAME, WHAT);
}

/** `divisors` has the moduli as multiples. */
function* dividing(
  numbers: readonly Candidate[],
  moduli: readonly Modulus[],
  divisors: DivisorFinder,
  search: PartSearch,
): Generator<KeyFromPart> {
  const { words } = search.family;
  const cost = (numbers: number, count: number) => numbers * (count + 1) * words;
  const last = affordable(numbers, moduli, { ...search, cost, name: NAME, what: WHAT }).at(-1);
  if (last === undefined) return;
  const octets = numbers.map((number) => number.octets);
  for (const { divisor, multiple } of divisors.pairs(octets, moduli.indexOf(last) + 1)) {
    const [{ octets, part, ...place }, modulus] = [numbers[divisor]!, moduli[multiple]!];
    const p = toBigint(octets);
    if (!modulus.solved && modulus.n % p === 0n) yield keyFromPart(modulus, part, place, { p });
  }
}

function* candidates(search: PartSearch): Generator<Candidate> {
  const { half } = search.family;
  const isUnlimited = search.effort.isUnlimited || search.isWanted;
  const count = search.windows.get(half)?.length ?? 0;
  const most = count > MANY_WINDOWS ? MANY_WINDOWS_SAMPLE : MAX_WINDOWS;
  yield* windowsInRuns(search, isUnlimited ? Number.POSITIVE_INFINITY : most);
  yield* windowsAtEdges(search, isUnlimited ? Number.POSITIVE_INFINITY : most);
}

function* windowsInRuns(
  { family, windows, bytes, publicPlaces, effort, otherEffort, isWanted }: PartSearch,
  mostInside: number,
): Generator<Candidate> {
  const { half, moduli } = family;
  const candidate = { search: NAME, what: WHAT, targets: targetsOf(moduli), count: 1 } as const;
  const testing = READ_COST + moduli.length * half;
  // Half of the budget is for testing what is read.
  const reserve = effort.half;
  const otherReserve = otherEffort.half;
  let inside = 0;
  for (const size of [half, partialSize(half), partialSize(half - 0.5)]) {
    const columns = windows.get(size);
    for (const i of columns ? fittingFirst(columns) : []) {
      const offset = columns!.offsets[i]!;
      const isInside = columns!.places[i] === INSIDE;
      const at = { ...candidate, from: offset, to: offset + half * 8, likely: isInside ? 0 : 1 };
      if (isInside && ++inside > mostInside) {
        effort.refuse(at);
        continue;
      }
      const affords =
        isInside && isWanted
          ? otherEffort.spend(READ_COST + testing, at, otherReserve)
          : effort.spend(READ_COST, at, reserve);
      if (!affords) continue;
      const place = placeAt(columns!, i, size);
      if (publicPlaces.overlaps(offset, offset + place.length)) continue;
      const stored = bytes.read(place.offset, place.length);
      if (stored.length === place.length)
        yield { octets: significant(toBigEndian(stored, place.reading)), part: 'p', ...place };
    }
  }
}

function* windowsAtEdges(
  { family, edges, windows, effort }: PartSearch,
  mostOthers: number,
): Generator<Candidate> {
  const { half, moduli } = family;
  const atEdges = edges(half);
  // Windows in runs have their top bit set; primes of a modulus that does not fill its words may not.
  const isShort = !windows.has(half) || moduli.some(({ n }) => n >> BigInt(family.words * 64 - 1) === 0n);
  const tried = Math.min(atEdges.length, atEdges.fillingCount + mostOthers);
  if (tried < atEdges.length) {
    const what = 'numbers at edges of runs were not tried as divisors of known moduli';
    const count = atEdges.length - tried;
    const places = atEdges.range(tried, atEdges.length);
    effort.refuse({
      ...{ search: NAME, what, targets: targetsOf(moduli), count, ...places },
    });
  }
  for (let i = 0; i < tried; i++) {
    const isByteOrdered = atEdges.isByteOrdered(i);
    if (!isByteOrdered) {
      const { stored, ...place } = atEdges.windowAt(i, 'limbs-le');
      yield { octets: significant(negated(toBigEndian(stored, 'limbs-le'))), ...place, part: 'R mod p' };
    }
    if (!isShort && !isByteOrdered) continue;
    for (const reading of atEdges.encodingsOf(i)) {
      const { stored, ...place } = atEdges.windowAt(i, reading);
      yield { octets: significant(toBigEndian(stored, reading)), ...place, part: 'p' };
    }
  }
}

const significant = (octets: Buffer): Buffer => {
  const { length } = trimmed(octets);
  return octets.subarray(octets.length - length);
};

/** Two's complement, in place: R minus the number, for R = 256^length. */
function negated(octets: Buffer): Buffer {
  let carry = 1;
  for (let i = octets.length - 1; i >= 0; i--) {
    const octet = (octets[i]! ^ 0xff) + carry;
    octets[i] = octet;
    carry = octet >> 8;
  }
  return octets;
}

/** Indices of windows, those with a header of exactly their length first. */
function* fittingFirst({ length, places }: WindowColumns): Generator<number> {
  for (const isFirst of [true, false])
    for (let i = 0; i < length; i++) if ((places[i] === FITTING) === isFirst) yield i;
}
