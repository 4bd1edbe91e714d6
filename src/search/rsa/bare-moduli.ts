/**
 * Keys of which n fills a run and p or q is at an edge of another run, while the second prime is nowhere:
 * in a slab of numbers without gaps only the first one is at an edge.
 * All candidate primes are tested as divisors of all candidate moduli (divisors.ts).
 */

import { toBigint } from '../../core/base/bytes/integers.js';
import type { RsaMaterial } from '../../core/model/key-material.js';
import { PRIME_WORDS } from '../../sweep/runs/extractor.js';
import { BEHIND_HEADER, FITTING, indicesWhere, placeAt, type WindowColumns } from '../core/columns.js';
import { toBigEndian } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import type { Scale } from '../core/skipped-work.js';
import type { FilePlace } from '../core/types.js';
import { DivisorFinder, isFullOdd } from './divisors.js';
import { fillingSizes, fillingStarts } from './filling-starts.js';
import { isAtEdge } from './placed-number.js';
import { rsaMaterial } from './rsa-key.js';
import { SkippedRange } from './skipped-range.js';

/** A key and the bare numbers that gave it. */
export interface FoundByPrime {
  n: bigint;
  material: RsaMaterial;
  /** Where the prime is, and which one it is: p is the larger. */
  place: FilePlace;
  component: 'p' | 'q';
  /** File offset of n. */
  modulus: number;
}

/** Shorter primes belong to moduli below 1,024 bits, which can be factored without a dump. */
const MIN_PRIME_WORDS = 8;
/**
 * Budgets in words of all candidate moduli and divisors of one size: `most`, or one word for every `bytes`
 * bytes of the artifact if that is more. Dividing takes 10 ms per size in a dense dump. With half as many
 * primes a key in the 4 MB core of a server was missed. The second bound covers cores of Java.
 */
const MODULUS_BUDGET = { most: 8192, bytes: 1 << 16 };
const PRIME_BUDGET = { most: 32_768, bytes: 1 << 14 };
/**
 * Divisor of `most` where the candidates exceed both bounds, as in gigabytes of code and compressed files:
 * candidates that fill a run or follow an object header are taken first, and the rest would be an arbitrary
 * sample.
 */
const CROWDED_DIVISOR = 8;
const MAX_STARTS = 8192;
/** Rank of a possible prime by its place; places inside runs are left out. */
const RANKS: Readonly<Record<number, number>> = { [FITTING]: 0, [BEHIND_HEADER]: 1, 0: 2 };

interface PlacedOctets extends FilePlace {
  /** The number, most significant octet first. */
  octets: Buffer;
}

interface BareModuliContext extends SearchContext {
  /** Length of the artifact in bytes. */
  length: number;
}

/** Which windows are taken. */
interface Selection {
  /** 0, 1 or 2; lower ranks are taken first. */
  rank(offset: number, place: number): number;
  accepts?(octets: Buffer): boolean;
  /** If there are at most `maxCount` windows, all are taken; otherwise `sampleSize` of them. */
  maxCount: number;
  sampleSize: number;
  reportSkipped(range: SkippedRange): void;
}

/** `known`: moduli covered by other searches. */
export function* bareModuli(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  { length, kernel, bytes, runs, skippedWork, budget }: BareModuliContext,
): Generator<FoundByPrime> {
  const sizes = PRIME_WORDS.filter(
    (words) =>
      words >= MIN_PRIME_WORDS && windows.get(words)!.length > 0 && windows.get(words * 2)!.length > 0,
  );
  if (sizes.length === 0) return;
  const starts = startsOf(new Set(sizes.map((words) => words * 2)), runs);
  const reporter = (name: 'moduli' | 'divisors', what: string) => (skipped: SkippedRange) =>
    skipped.report(skippedWork, `rsa-unknown-n ${name}`, ['blind'], what);
  for (const words of sizes) {
    const filling = starts.get(words * 2) ?? new Set();
    const moduli = select(words * 2, windows.get(words * 2)!, bytes, {
      rank: (offset, place) =>
        place === FITTING ? 0 : (filling.has(offset) ? 0 : 1) + (place === BEHIND_HEADER ? 0 : 1),
      accepts: (octets) => !known.has(toBigint(octets)),
      ...limitsFor(MODULUS_BUDGET, 2 * words, length, budget),
      reportSkipped: reporter('moduli', 'numbers were not tried as multiples of others'),
    });
    if (moduli.length === 0) continue;
    const primes = select(words, windows.get(words)!, bytes, {
      rank: (_, place) => RANKS[place]!,
      ...limitsFor(PRIME_BUDGET, words, length, budget),
      reportSkipped: reporter('divisors', 'numbers were not tried as divisors of others'),
    });
    if (primes.length > 0) yield* divide(kernel, moduli, primes, words);
  }
}

/** Limits in numbers of `words` words. */
function limitsFor(
  { most, bytes }: typeof MODULUS_BUDGET,
  words: number,
  length: number,
  budget: Scale,
): Pick<Selection, 'sampleSize' | 'maxCount'> {
  const usual = Math.floor(most / words);
  return {
    sampleSize: budget(Math.ceil(usual / CROWDED_DIVISOR)),
    maxCount: budget(Math.max(usual, Math.floor(length / bytes / words))),
  };
}

/**
 * By size in words: file offsets at which a number that fills a run may begin, some thousands of each size.
 * They come first; numbers elsewhere are tried too, so that none is lost.
 */
function startsOf(sizes: ReadonlySet<number>, runs: RunList): Map<number, Set<number>> {
  const starts = new Map([...sizes].map((words) => [words, new Set<number>()]));
  for (const run of runs.ofWords(Math.min(...sizes) - 1, Math.max(...sizes) + 1))
    for (const words of fillingSizes(run)) {
      const known = starts.get(words);
      if (known && known.size < MAX_STARTS) for (const offset of fillingStarts(run, words)) known.add(offset);
    }
  return starts;
}

function* divide(
  kernel: NumberKernel,
  moduli: readonly PlacedOctets[],
  primes: readonly PlacedOctets[],
  words: number,
): Generator<FoundByPrime> {
  const octetsOf = (numbers: readonly PlacedOctets[]) => numbers.map(({ octets }) => octets);
  const divisors = new DivisorFinder(kernel, words, octetsOf(moduli));
  for (const { divisor, multiple } of divisors.pairs(octetsOf(primes))) {
    const { octets, ...place } = primes[divisor]!;
    const { octets: whole, offset: modulus } = moduli[multiple]!;
    const [prime, n] = [toBigint(octets), toBigint(whole)];
    if (n % prime !== 0n) continue;
    const other = n / prime;
    const [p, q] = prime > other ? [prime, other] : [other, prime];
    const component = prime === p ? 'p' : 'q';
    yield { n, material: rsaMaterial({ n, p, q }), place, component, modulus };
  }
}

/** Windows at edges of runs, in the order of their ranks. */
function select(
  words: number,
  windows: WindowColumns,
  bytes: RunBytes,
  { rank, accepts = () => true, sampleSize, maxCount, reportSkipped }: Selection,
): PlacedOctets[] {
  const { offsets, places } = windows;
  const edges = indicesWhere(windows, isAtEdge);
  const ranks = Uint8Array.from(edges, (i) => rank(offsets[i]!, places[i]!));
  const found: PlacedOctets[] = [];
  const skipped = new SkippedRange();
  const limit = edges.length > maxCount ? sampleSize : maxCount;
  for (const round of [0, 1, 2])
    for (let k = 0; k < edges.length; k++) {
      if (ranks[k] !== round) continue;
      const place = placeAt(windows, edges[k]!, words);
      if (found.length >= limit) {
        skipped.add(place.offset, place.offset + place.length);
        continue;
      }
      const stored = bytes.read(place.offset, place.length);
      if (stored.length < place.length) continue;
      const octets = toBigEndian(stored, place.reading);
      if (isFullOdd(octets, words) && accepts(octets)) found.push({ octets, ...place });
    }
  if (skipped.count > 0) reportSkipped(skipped);
  return found;
}
