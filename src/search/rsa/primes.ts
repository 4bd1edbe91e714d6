import { toBigint, toBytes, trimmed } from '../../base/bytes/integers.js';
import { FITTING, INSIDE, oddSize, placeAt, type WindowColumns } from '../core/columns.js';
import { toBigEndian } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import type { Place } from '../core/types.js';
import { Divisors, isDividable } from './divisors.js';
import { type FamilySearch, type FragmentFound, fragment } from './key-from-part.js';
import type { Modulus } from './modulus.js';
import { affordable, chunks, type Multiple, sharedPrimes } from './shared-primes.js';

/** Windows inside runs, and those at edges that do not fill their run, that are read of one size. Cores have some thousand. */
const MOST = 5_000;
/** Windows of one size that are so many that what is read of them is a sample: fewer are, behind those with a header of their length. */
const CROWD = 10_000;
const CROWDED = 500;
/** What reading a number and trying small factors costs: 3 us. */
const READ = 1_200;

/** A number as its octets, the most significant first, without zeros in front: most are looked at no closer. */
interface Candidate extends Place {
  octets: Buffer;
  part: string;
}

const NAME = 'primes';
const WHAT = 'numbers did not divide known moduli';

/**
 * p or q, in any window and reading, and R mod p of a Montgomery context, which is R - p. For all known moduli. A number that fills half of
 * the words of a modulus that fills all of its own divides it, or does not; of others it is asked whether they share a prime, and of primes of
 * unequal lengths, where somebody asks for their modulus.
 */
export function* primes(search: FamilySearch): Generator<FragmentFound> {
  const { half, moduli } = search.family;
  const isFull = new Map(moduli.map((modulus) => [modulus, isDividable(toBytes(modulus.n), 2 * half)]));
  const full = moduli.filter((modulus) => isFull.get(modulus));
  const others = moduli.filter((modulus) => !isFull.get(modulus));
  const divisors = new Divisors(
    search.kernel,
    half,
    full.map(({ n }) => toBytes(n)),
  );
  // A number whose top bit is not set is no prime of a full modulus but where the other one is longer than half of it.
  const open = moduli.filter((modulus) => modulus.asked || !isFull.get(modulus));
  const sharers = [
    { numbers: [] as Multiple[], moduli: others },
    { numbers: [] as Multiple[], moduli: open },
  ] as const;
  for (const chunk of chunks(numbers(search))) {
    const whole = chunk.filter(({ octets }) => isDividable(octets, half));
    if (full.length > 0) yield* dividing(whole, full, divisors, search);
    for (const { octets, ...rest } of chunk) {
      const { numbers, moduli } = sharers[isDividable(octets, half) ? 0 : 1];
      if (moduli.length === 0) continue;
      const value = toBigint(octets);
      if (mayBePrime(value)) numbers.push({ value, ...rest });
    }
  }
  for (const { numbers, moduli } of sharers) yield* sharedPrimes(numbers, moduli, search, NAME, WHAT);
}

/** `divisors`: among the moduli. */
function* dividing(
  numbers: readonly Candidate[],
  moduli: readonly Modulus[],
  divisors: Divisors,
  search: FamilySearch,
): Generator<FragmentFound> {
  const { words } = search.family;
  const cost = (numbers: number, count: number) => numbers * (count + 1) * words;
  const last = affordable(numbers, moduli, { ...search, cost, name: NAME, what: WHAT }).at(-1);
  if (last === undefined) return;
  const octets = numbers.map((number) => number.octets);
  for (const { divisor, multiple } of divisors.among(octets, moduli.indexOf(last) + 1)) {
    const [{ octets, part, ...place }, modulus] = [numbers[divisor]!, moduli[multiple]!];
    const p = toBigint(octets);
    if (!modulus.solved && modulus.n % p === 0n) yield fragment(modulus, part, place, { p });
  }
}

function* numbers({
  family,
  edges,
  windows,
  bytes,
  known,
  effort,
  leave,
}: FamilySearch): Generator<Candidate> {
  const { half, moduli } = family;
  const all = !Number.isFinite(effort.left);
  const most = all ? Number.POSITIVE_INFINITY : (windows.get(half)?.length ?? 0) > CROWD ? CROWDED : MOST;
  // What is read must be tried as well.
  const spare = all ? 0 : effort.left / 2;
  let inner = 0;
  const left = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
  for (const size of [half, oddSize(half), oddSize(half - 0.5)]) {
    const columns = windows.get(size);
    for (const i of columns ? likelyFirst(columns) : []) {
      const offset = columns!.offsets[i]!;
      if ((columns!.places[i] === INSIDE && ++inner > most) || effort.left < spare || !effort.spend(READ)) {
        left.count++;
        left.from = Math.min(left.from, offset);
        left.to = Math.max(left.to, offset + half * 8);
        continue;
      }
      const place = placeAt(columns!, i, size);
      if (known.meets(offset, offset + place.length)) continue;
      const stored = bytes.read(offset, place.length);
      if (stored.length === place.length)
        yield { octets: significant(toBigEndian(stored, place.reading)), part: 'p', ...place };
    }
  }
  if (left.count > 0) leave('primes', 'numbers did not divide known moduli', left.count, left.from, left.to);
  const parts = edges(half);
  // Windows have their top bit set: primes of n have not where n does not fill its words.
  const short = !windows.has(half) || moduli.some(({ n }) => n >> BigInt(family.words * 64 - 1) === 0n);
  const tried = Math.min(parts.length, parts.own + most);
  if (tried < parts.length) {
    const { from, to } = parts.range(tried, parts.length);
    leave('primes', 'numbers at edges of runs did not divide known moduli', parts.length - tried, from, to);
  }
  for (let i = 0; i < tried; i++) {
    const octets = parts.isOctets(i);
    if (!octets) {
      const { stored, ...place } = parts.numberAt(i, 'limbs-le');
      yield { octets: significant(complement(toBigEndian(stored, 'limbs-le'))), ...place, part: 'R mod p' };
    }
    if (!short && !octets) continue;
    for (const reading of parts.readingsOf(i)) {
      const { stored, ...place } = parts.numberAt(i, reading);
      yield { octets: significant(toBigEndian(stored, reading)), ...place, part: 'p' };
    }
  }
}

const significant = (octets: Buffer): Buffer => {
  const { length } = trimmed(octets);
  return octets.subarray(octets.length - length);
};

/** In place: R less the number, R being the power of 256 with as many zeros as the number has octets. */
function complement(octets: Buffer): Buffer {
  let carry = 1;
  for (let i = octets.length - 1; i >= 0; i--) {
    const octet = (octets[i]! ^ 0xff) + carry;
    octets[i] = octet;
    carry = octet >> 8;
  }
  return octets;
}

/** Indices of windows, those behind a header of just their length before all others. */
function* likelyFirst({ length, places }: WindowColumns): Generator<number> {
  for (const isFirst of [true, false])
    for (let i = 0; i < length; i++) if ((places[i] === FITTING) === isFirst) yield i;
}
