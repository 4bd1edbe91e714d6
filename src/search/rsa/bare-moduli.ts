import { toBigint, toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { RsaMaterial } from '../../model/key-material.js';
import { PRIME_WORDS } from '../../runs/extractor.js';
import {
  BEHIND_HEADER,
  FITTING,
  INSIDE,
  indicesWhere,
  placeAt,
  type WindowColumns,
} from '../core/columns.js';
import { toBigEndian } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import type { Budget } from '../core/skipped-work.js';
import type { Place } from '../core/types.js';
import { Divisors, isDividable } from './divisors.js';

/** One prime of a key, and its modulus, both bare numbers. */
export interface SplitFound {
  n: bigint;
  material: RsaMaterial;
  /** Where the prime stands, and which it is: p is the larger one. */
  place: Place;
  component: 'p' | 'q';
  /** File offset of n. */
  modulus: number;
}

/** Words of the shortest prime that is looked for: whoever has a shorter modulus, of less than 1,024 bits, factors it without. */
const LEAST_PRIME = 8;
/**
 * Words of all numbers of one size that may be a modulus, and of those that may divide one of them: 10 ms a size where a dump is full of them.
 * Half as many primes left some out in the core of a server of 4 MB. Where so many more, by the artifact's length, are all that there are,
 * as in the core of a Java, they are tried as well.
 */
const MODULI = { most: 8192, bytes: 1 << 16 };
const PRIMES = { most: 32_768, bytes: 1 << 14 };
/**
 * The same where there are more, as in gigabytes of code and compressed files: those that fill their run or stand behind the header of an object
 * come first, and the rest would be a sample of what is none. None of the others is read.
 */
const CROWDED = 8;
const MOST_STARTS = 8192;
/** By the place of a prime: those inside runs are left out. */
const RANKS: Readonly<Record<number, number>> = { [FITTING]: 0, [BEHIND_HEADER]: 1, 0: 2 };

/** Words that a number may have more than its run, and the bytes from the run's start to its own. */
const SHIFTS = [
  [0, [0]],
  [1, [0, -8]],
  [-1, [0, 8]],
] as const;

interface Placed extends Place {
  /** The number, the most significant octet first. */
  octets: Buffer;
}

interface Parts extends SearchContext {
  /** Length of the artifact in bytes. */
  length: number;
}

/** Which numbers are taken. */
interface Choice {
  /** The lower, the sooner it is taken: 0, 1 or 2. */
  rank(offset: number, place: number): number;
  wanted?(octets: Buffer): boolean;
  most: number;
  /** As many are kept where these are all: `most` otherwise. */
  all: number;
  /** Told of those that there was no room for, between two file offsets. */
  leave(from: number, to: number, count: number): void;
}

/**
 * Keys of which n fills a run by itself and p or q stands at an edge of another, while the second prime is nowhere to be seen: in a slab
 * of many numbers without a gap, the first one alone is at an edge. `known`:
 * moduli that are searched for elsewhere.
 */
export function* bareModuli(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  { length, kernel, bytes, runs, shortfall, budget }: Parts,
): Generator<SplitFound> {
  const sizes = PRIME_WORDS.filter(
    (words) => words >= LEAST_PRIME && windows.get(words)!.length > 0 && windows.get(words * 2)!.length > 0,
  );
  if (sizes.length === 0) return;
  const starts = startsOf(new Set(sizes.map((words) => words * 2)), runs);
  for (const words of sizes) {
    const leave = (name: 'moduli' | 'divisors', what: string) => (from: number, to: number, count: number) =>
      shortfall.add(`rsa-unknown-n ${name}`, what, from, to, count);
    const own = starts.get(words * 2) ?? new Set();
    const moduli = read(words * 2, windows.get(words * 2)!, bytes, {
      rank: (offset, place) =>
        place === FITTING ? 0 : (own.has(offset) ? 0 : 1) + (place === BEHIND_HEADER ? 0 : 1),
      wanted: (octets) => !known.has(toBigint(octets)),
      ...roomFor(MODULI, 2 * words, length, budget),
      leave: leave('moduli', 'numbers were not divided by others'),
    });
    if (moduli.length === 0) continue;
    const primes = read(words, windows.get(words)!, bytes, {
      rank: (_, place) => RANKS[place]!,
      ...roomFor(PRIMES, words, length, budget),
      leave: leave('divisors', 'numbers did not divide others'),
    });
    if (primes.length > 0) yield* split(kernel, moduli, primes, words);
  }
}

/** How many numbers of so many words are taken. */
function roomFor(
  room: typeof MODULI,
  words: number,
  length: number,
  budget: Budget,
): Pick<Choice, 'most' | 'all'> {
  const most = Math.floor(room.most / words);
  const all = Math.max(most, Math.floor(length / room.bytes / words));
  return { most: budget(Math.ceil(most / CROWDED)), all: budget(all) };
}

/** By words: where a number begins that fills a run, or all of it but a word. Some thousand of each are enough to choose from. */
function startsOf(sizes: ReadonlySet<number>, runs: RunList): Map<number, Set<number>> {
  const starts = new Map([...sizes].map((words) => [words, new Set<number>()]));
  for (const { words, offset } of runs.ofWords(Math.min(...sizes) - 1, Math.max(...sizes) + 1))
    for (const [more, shifts] of SHIFTS) {
      const known = starts.get(words + more);
      if (known && known.size < MOST_STARTS) for (const shift of shifts) known.add(offset + shift);
    }
  return starts;
}

/** Those that divide another one. */
function* split(
  kernel: Kernel,
  moduli: readonly Placed[],
  primes: readonly Placed[],
  words: number,
): Generator<SplitFound> {
  const octetsOf = (numbers: readonly Placed[]) => numbers.map(({ octets }) => octets);
  const divisors = new Divisors(kernel, words, octetsOf(moduli));
  for (const { divisor, multiple } of divisors.among(octetsOf(primes))) {
    const { octets, ...place } = primes[divisor]!;
    const { octets: whole, offset: modulus } = moduli[multiple]!;
    const [prime, n] = [toBigint(octets), toBigint(whole)];
    if (n % prime !== 0n) continue;
    const other = n / prime;
    const [p, q] = prime > other ? [prime, other] : [other, prime];
    yield { n, material: keyOf(n, p, q), place, component: prime === p ? 'p' : 'q', modulus };
  }
}

const keyOf = (n: bigint, p: bigint, q: bigint): RsaMaterial => ({
  type: 'rsa',
  n: toBytes(n),
  p: new Secret(toBytes(p)),
  q: new Secret(toBytes(q)),
});

/** Windows at edges of runs, those of lower ranks before all others. */
function read(
  words: number,
  windows: WindowColumns,
  bytes: RunBytes,
  { rank, wanted = () => true, most, all, leave }: Choice,
): Placed[] {
  const { offsets, places } = windows;
  const edges = indicesWhere(windows, (place) => place !== INSIDE);
  const ranks = Uint8Array.from(edges, (i) => rank(offsets[i]!, places[i]!));
  const found: Placed[] = [];
  const left = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
  const pass = (offset: number, length: number) => {
    left.count++;
    left.from = Math.min(left.from, offset);
    left.to = Math.max(left.to, offset + length);
  };
  const room = edges.length > all ? most : all;
  for (const round of [0, 1, 2])
    for (let k = 0; k < edges.length; k++) {
      if (ranks[k] !== round) continue;
      const i = edges[k]!;
      const place = placeAt(windows, i, words);
      // A dump may be full of them: what there is no room for is not read.
      if (found.length >= room) {
        pass(place.offset, place.length);
        continue;
      }
      const stored = bytes.read(place.offset, place.length);
      if (stored.length < place.length) continue;
      const octets = toBigEndian(stored, place.reading);
      if (isDividable(octets, words) && wanted(octets)) found.push({ octets, ...place });
    }
  if (left.count > 0) leave(left.from, left.to, left.count);
  return found;
}
