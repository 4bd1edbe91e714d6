/**
 * Unknown moduli: all pairs p, q whose product n is in the dump as well. This is a hash join on the low word,
 * p * q = n mod 2^64, pre-filtered by a two-level Bloom-style bitmap of the low words of all possible moduli:
 * a small one by their top bits and a large one by a hash reject nearly all products (kernel/join.as.ts). The
 * rest is looked up, then multiplied in full.
 */

import {
  FITTING,
  holds,
  indicesWhere,
  partialSize,
  spanOf,
  type WindowColumns,
  wordsOf,
} from '../core/columns.js';
import { lowWord } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { Scale, SkippedWork } from '../core/skipped-work.js';
import { isAtEdge, type PlacedNumber, readNumber } from './placed-number.js';
import { countOf, lowsOf, type SizedColumns, windowsWithLows } from './sized-columns.js';

/** Two different numbers and their product, all in the dump. They may not be prime. */
export interface FactoredModulus {
  p: PlacedNumber;
  q: PlacedNumber;
  n: PlacedNumber;
}

/**
 * Distance, in candidates at edges of runs, up to which these are paired; p and q of real keys were up to 16
 * apart.
 */
const MIN_REACH = 64;
/** Distance up to which all candidates are paired: numbers stored without gaps are no further apart. */
const INNER_REACH = 32;
/** All pairs are formed up to this many products, 10 ms, or one for every 64 bytes of the artifact. */
const PAIR_BUDGET = { least: 1 << 23, bytes: 64 };
/**
 * Which candidates are paired over greater distances: the few that fit their header, and those at edges of
 * runs.
 */
const FAR_FILTERS: readonly ((place: number) => boolean)[] = [(place) => place === FITTING, isAtEdge];
/** Must stay below {@link MAX_BATCH}: a batch advances by its capacity less the reach. */
const MAX_REACH = 1 << 17;
/** Reason reported for pairs farther apart than the reach. */
const FAR_APART = 'products of factors far apart were not formed';
/** Reason reported for products with a matching low word. */
const NOT_COMPUTED = 'products that may be a modulus were not computed in full';
/** Low words that the kernel gets at once. */
const MAX_BATCH = 1 << 18;
/**
 * Address bits of the large bitmap, 8 MB, and of the small one, 0.5 MB, which fits the second-level cache.
 */
const MAX_BITS = 26;
const MAX_TOP_BITS = 22;
/**
 * Products with a matching low word that are computed in full; bit patterns in tables cause some. Also the
 * size of a batch.
 */
const MAX_PRODUCTS = 20_000;

/** Indices of two numbers, and the low word of their product. */
type Pair = Readonly<{ i: number; j: number; low: bigint }>;

/** Addresses in the kernel's memory. */
interface Workspace {
  map: number;
  tops: number;
  words: number;
  /**
   * Words of a batch, and pairs that `hits` holds: more than one word can give, so that each call makes
   * progress.
   */
  capacity: number;
  hits: number;
  next: number;
}

/** Address bits of the two bitmaps. */
interface MapBits {
  bits: number;
  topBits: number;
}

function bitsFor(moduli: number): MapBits {
  const size = Math.ceil(Math.log2(moduli));
  return {
    bits: Math.min(MAX_BITS, Math.max(16, size + 10)),
    topBits: Math.min(MAX_TOP_BITS, Math.max(12, size + 6)),
  };
}

export class ProductJoin {
  readonly #kernel: NumberKernel;
  readonly #bytes: RunBytes;
  readonly #skippedWork: SkippedWork;
  readonly #budget: Scale;
  readonly #spans = new Map<WindowColumns, { first: number; last: number }>();
  #workspace: Workspace | undefined;
  #products = 0;
  /** Products up to which all pairs of one size are formed. */
  #maxAllPairs = 0;

  constructor(kernel: NumberKernel, bytes: RunBytes, skippedWork: SkippedWork, budget: Scale) {
    this.#budget = budget;
    this.#kernel = kernel;
    this.#bytes = bytes;
    this.#skippedWork = skippedWork;
  }

  /** `length` of the artifact in bytes. `factors`: the windows that may be a factor, by default all. */
  *factor(
    bySize: ReadonlyMap<number, WindowColumns>,
    length: number,
    factors: ReadonlyMap<number, WindowColumns> = bySize,
  ): Generator<FactoredModulus> {
    const joins = [...factors]
      .flatMap(([size, primes]) => {
        const moduli = modulusSizes(size).flatMap((size) => {
          const columns = bySize.get(size);
          return columns && columns.length > 0 ? [{ size, columns }] : [];
        });
        return primes.length >= 2 && moduli.length >= 1 ? [{ size, primes, moduli }] : [];
      })
      .sort((a, b) => a.size - b.size);
    if (joins.length === 0) return;
    this.#workspace = this.#allocate(
      Math.max(...joins.map(({ primes }) => primes.length)),
      Math.max(...joins.map(({ moduli }) => countOf(moduli))),
    );
    this.#maxAllPairs = this.#budget(Math.max(PAIR_BUDGET.least, Math.floor(length / PAIR_BUDGET.bytes)));
    for (const { size, primes, moduli } of joins) yield* this.#join(size, primes, moduli);
  }

  *#join(size: number, primes: WindowColumns, moduli: readonly SizedColumns[]): Generator<FactoredModulus> {
    const sorted = lowsOf(moduli).sort();
    const pairs: Pair[] = [];
    for (const { i, j } of this.#likelyPairs(size, primes, sorted)) {
      const low = lowWord(primes.lows[i]! * primes.lows[j]!);
      if (!holds(sorted, low)) continue;
      if (++this.#products <= this.#budget(MAX_PRODUCTS)) pairs.push({ i, j, low });
      else this.#reportSkipped(size, primes, i, NOT_COMPUTED, 1);
      if (pairs.length === MAX_PRODUCTS) yield* this.#verified(size, primes, moduli, pairs.splice(0));
    }
    if (pairs.length > 0) yield* this.#verified(size, primes, moduli, pairs);
  }

  /** Pairs whose full product is a modulus in the dump. */
  *#verified(
    size: number,
    primes: WindowColumns,
    moduli: readonly SizedColumns[],
    pairs: readonly Pair[],
  ): Generator<FactoredModulus> {
    const lows = new Set(pairs.map(({ low }) => low));
    const byLow = windowsWithLows(moduli, lows, this.#budget, (left) =>
      this.#reportSkipped(size, primes, 0, NOT_COMPUTED, left),
    );
    for (const { i, j, low } of pairs) {
      const p = readNumber(primes, i, size, this.#bytes);
      const q = readNumber(primes, j, size, this.#bytes);
      if (p === undefined || q === undefined || p.value === q.value) continue;
      const product = p.value * q.value;
      for (const { columns, index, size } of byLow.get(low) ?? []) {
        const n = readNumber(columns, index, size, this.#bytes);
        if (n?.value === product) {
          yield { p, q, n };
          break;
        }
      }
    }
  }

  /** Pairs that pass the bitmaps of the moduli's low words. */
  *#likelyPairs(
    size: number,
    primes: WindowColumns,
    moduli: BigUint64Array,
  ): Generator<{ i: number; j: number }> {
    const count = primes.length;
    const mapBits = this.#markModuli(moduli);
    const all = primes.lows.subarray(0, count);
    if (count ** 2 / 2 <= this.#maxAllPairs) {
      const reach = Math.min(count - 1, MAX_REACH);
      yield* this.#pairsWithin(all, reach, mapBits);
      const skipped = ((count - 1 - reach) * (count - reach)) / 2;
      if (skipped > 0) this.#reportSkipped(size, primes, 0, FAR_APART, skipped);
      return;
    }
    const inner = Math.min(count - 1, INNER_REACH);
    yield* this.#pairsWithin(all, inner, mapBits);
    // A lower bound: pairs formed more than once below are subtracted each time.
    let skipped = (count ** 2 - count) / 2 - count * inner;
    for (const accepts of FAR_FILTERS) {
      const chosen = indicesWhere(primes, accepts);
      if (chosen.length < 2) continue;
      const lows = BigUint64Array.from(chosen, (i) => all[i]!);
      const affordable = Math.floor(this.#budget(PAIR_BUDGET.least / 4) / lows.length);
      const reach = Math.min(lows.length - 1, Math.max(MIN_REACH, affordable), MAX_REACH);
      for (const { i, j } of this.#pairsWithin(lows, reach, mapBits)) yield { i: chosen[i]!, j: chosen[j]! };
      skipped -= lows.length * reach;
    }
    this.#reportSkipped(size, primes, 0, FAR_APART, Math.max(1, skipped));
  }

  /** Enters the low words of the moduli into both bitmaps. */
  #markModuli(moduli: BigUint64Array): MapBits {
    const { call } = this.#kernel;
    const { bits, topBits } = bitsFor(moduli.length);
    const { map, tops, words, capacity } = this.#workspace!;
    call.clear(map, bits);
    call.clear(tops, topBits);
    for (let done = 0; done < moduli.length; done += capacity) {
      const part = moduli.subarray(done, done + capacity);
      this.#kernel.u64(words, part.length).set(part);
      call.mark(words, part.length, map, bits);
      call.markTops(words, part.length, tops, topBits);
    }
    return { bits, topBits };
  }

  /** Pairs of a column up to `reach` apart. */
  *#pairsWithin(
    lows: BigUint64Array,
    reach: number,
    { bits, topBits }: MapBits,
  ): Generator<{ i: number; j: number }> {
    const { call } = this.#kernel;
    const { map, tops, words, capacity, hits, next } = this.#workspace!;
    const step = capacity - reach;
    for (let base = 0; base < lows.length; base += step) {
      const part = lows.subarray(base, base + capacity);
      this.#kernel.u64(words, part.length).set(part);
      const { length } = part;
      const to = Math.min(step, length);
      for (let from = 0; from < to; ) {
        const count = call.join(
          words,
          from,
          to,
          length,
          reach,
          tops,
          topBits,
          map,
          bits,
          hits,
          capacity,
          next,
        );
        from = this.#kernel.u32(next, 1)[0]!;
        const found = this.#kernel.u32(hits, count * 2).slice();
        for (let k = 0; k < count; k++) yield { i: base + found[2 * k]!, j: base + found[2 * k + 1]! };
      }
    }
  }

  /**
   * Space for the largest columns. A batch is followed by the words it is multiplied with, at most as many
   * again.
   */
  #allocate(primes: number, moduli: number): Workspace {
    const { bits, topBits } = bitsFor(moduli);
    const capacity = Math.min(MAX_BATCH, 2 * Math.max(primes, moduli));
    return {
      map: this.#kernel.allocate(1 << (bits - 3)),
      tops: this.#kernel.allocate(1 << (topBits - 3)),
      words: this.#kernel.allocate(capacity * 8),
      capacity,
      hits: this.#kernel.allocate(capacity * 8),
      next: this.#kernel.allocate(8),
    };
  }

  #reportSkipped(size: number, windows: WindowColumns, from: number, what: string, count: number): void {
    const span = this.#spans.get(windows) ?? spanOf(windows);
    this.#spans.set(windows, span);
    const first = from === 0 ? span.first : windows.offsets[from]!;
    const left = { target: 'blind', left: count } as const;
    this.#skippedWork.add('rsa-unknown-n', left, what, first, span.last + wordsOf(size) * 8);
  }
}

/**
 * Sizes of the windows that a product of two numbers of one size may be in. Sizes are rounded up to 32
 * bits, so that a product may be half a word shorter than both factors together.
 */
const modulusSizes = (size: number): number[] => {
  const words = 2 * wordsOf(size);
  return [words, partialSize(words), partialSize(words - 0.5)];
};
