import { toBytes } from '../integers.js';
import { FITTING, INSIDE, oddSize, placeAt, type WindowColumns } from './columns.js';
import { Divisors } from './divisors.js';
import { type FamilySearch, type FragmentFound, fragment } from './fragment.js';
import type { Modulus } from './modulus.js';
import { mayBePrime } from './products.js';
import { toNumber } from './readings.js';
import { affordable, chunks, type Multiple, sharedPrimes } from './shared-primes.js';

/** Windows inside runs, and those at edges that do not fill their run, that are read of one size. Cores have some thousand. */
const MOST = 5_000;
/** Windows of one size that are so many that what is read of them is a sample: fewer are, behind those with a header of their length. */
const CROWD = 10_000;
const CROWDED = 500;
/** What reading a number and trying small factors costs: 3 us. */
const READ = 1_200;

const NAME = 'primes';
const WHAT = 'numbers did not divide known moduli';

/**
 * p or q, in any window and reading, and R mod p of a Montgomery context, which is R - p. For all known moduli. A number that fills half of
 * the words of a modulus that fills all of its own divides it, or does not; of others it is asked whether they share a prime.
 */
export function* primes(search: FamilySearch): Generator<FragmentFound> {
  const { half, moduli } = search.family;
  const full = moduli.filter(({ n }) => isFull(n, 2 * half));
  const others = moduli.filter((modulus) => !full.includes(modulus));
  const divisors = new Divisors(
    search.kernel,
    half,
    full.map(({ n }) => toBytes(n)),
  );
  const sharers = [
    { numbers: [] as Multiple[], moduli: others },
    { numbers: [] as Multiple[], moduli },
  ] as const;
  for (const chunk of chunks(numbers(search))) {
    const whole = chunk.filter(({ value }) => isFull(value, half));
    if (full.length > 0) yield* dividing(whole, full, divisors, search);
    for (const number of chunk) {
      const { numbers, moduli } = sharers[isFull(number.value, half) ? 0 : 1];
      if (moduli.length > 0 && mayBePrime(number.value)) numbers.push(number);
    }
  }
  for (const { numbers, moduli } of sharers) yield* sharedPrimes(numbers, moduli, search, NAME, WHAT);
}

/** Odd, and as many words as it can have. */
const isFull = (value: bigint, words: number): boolean =>
  (value & 1n) === 1n && value >> BigInt(words * 64 - 1) === 1n;

/** `divisors`: among the moduli. */
function* dividing(
  numbers: readonly Multiple[],
  moduli: readonly Modulus[],
  divisors: Divisors,
  search: FamilySearch,
): Generator<FragmentFound> {
  const { words } = search.family;
  const cost = (numbers: number, count: number) => numbers * (count + 1) * words;
  const last = affordable(numbers, moduli, { ...search, cost, name: NAME, what: WHAT }).at(-1);
  if (last === undefined) return;
  const octets = numbers.map(({ value }) => toBytes(value));
  for (const { divisor, multiple } of divisors.among(octets, moduli.indexOf(last) + 1)) {
    const [{ value: p, part, ...place }, modulus] = [numbers[divisor]!, moduli[multiple]!];
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
}: FamilySearch): Generator<Multiple> {
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
        yield { value: toNumber(stored, place.reading), part: 'p', ...place };
    }
  }
  if (left.count > 0) leave('primes', 'numbers did not divide known moduli', left.count, left.from, left.to);
  const parts = edges(half);
  const r = 1n << BigInt(half * 64);
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
      const { value, ...place } = parts.part(i, 'limbs-le');
      yield { ...place, value: r - value, part: 'R mod p' };
    }
    if (!short && !octets) continue;
    for (const each of parts.parts(i)) yield { ...each, part: 'p' };
  }
}

/** Indices of windows, those behind a header of just their length before all others. */
function* likelyFirst({ length, places }: WindowColumns): Generator<number> {
  for (const isFirst of [true, false])
    for (let i = 0; i < length; i++) if ((places[i] === FITTING) === isFirst) yield i;
}
