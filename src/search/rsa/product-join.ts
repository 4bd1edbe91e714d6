import {
  FITTING,
  holds,
  INSIDE,
  indicesWhere,
  oddSize,
  placeAt,
  spanOf,
  type WindowColumns,
  wordsOf,
} from '../core/columns.js';
import { lowWord, toNumber } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import type { Reading } from '../core/types.js';
import { countOf, lowsOf, placesOf, type WindowsBySize } from './sized-columns.js';

/** A number at its place. */
export interface Placed {
  offset: number;
  /** Bytes. */
  length: number;
  reading: Reading;
  value: bigint;
}

/** Two different numbers and their product, all three in the dump. Not yet a key: that takes primes. */
export interface Factored {
  p: Placed;
  q: Placed;
  n: Placed;
}

/** Every candidate at an edge of a run is multiplied with so many such that follow it: p and q of real keys were 16 apart at most. */
const REACH = 64;
/** Every candidate with so many that follow it: numbers that stand without a gap between them are no further apart. */
const INNER_REACH = 32;
/** All are multiplied with all where that costs no more products than this, 10 ms, or one for every 64 bytes of the artifact. */
const PAIRS = { least: 1 << 23, bytes: 64 };
/** What is multiplied with what is farther away: numbers behind headers of just their length, which are few, and those at edges of runs. */
const FARTHER: readonly ((place: number) => boolean)[] = [
  (place) => place === FITTING,
  (place) => place !== INSIDE,
];
/** What one part of the columns has room for. */
const MOST_REACH = 1 << 17;
/** What is told of pairs beyond a reach. */
const FAR_APART = 'products of factors far apart were not formed';
/** Words that go through the kernel at once. */
const MOST_ROOM = 1 << 18;
const MOST_BITS = 26;
/** The first bitmap stays in the second-level cache: 0.5 MB. */
const MOST_TOP_BITS = 22;
/** Triples whose low words fit and that are multiplied out: bit patterns in tables make some. Without a budget so many at once. */
const MOST_PRODUCTS = 20_000;

/** Indices of two numbers, and the lowest word of their product. */
type Pair = Readonly<{ i: number; j: number; low: bigint }>;

/** Addresses in the kernel's memory. */
interface Workspace {
  map: number;
  tops: number;
  words: number;
  room: number;
  /** Room for as many pairs as there is for words: more than one word can make, so that each call gets on. */
  hits: number;
  next: number;
}

/** Bits of the two bitmaps for so many moduli. */
function bitsFor(moduli: number): { bits: number; topBits: number } {
  const size = Math.ceil(Math.log2(moduli));
  return {
    bits: Math.min(MOST_BITS, Math.max(16, size + 10)),
    topBits: Math.min(MOST_TOP_BITS, Math.max(12, size + 6)),
  };
}

/** RSA with n unknown: p0 * q0 = n0 mod 2^64 on the low words, then p * q = n. */
export class RsaJoin {
  readonly #kernel: Kernel;
  readonly #bytes: RunBytes;
  readonly #shortfall: SkippedWork;
  readonly #budget: Budget;
  readonly #spans = new Map<WindowColumns, { first: number; last: number }>();
  #products = 0;
  /** Products that all with all of one size may cost. */
  #pairsOfAll = 0;

  constructor(kernel: Kernel, bytes: RunBytes, shortfall: SkippedWork, budget: Budget) {
    this.#budget = budget;
    this.#kernel = kernel;
    this.#bytes = bytes;
    this.#shortfall = shortfall;
  }

  /** `length`: of the artifact, in bytes. `factors`: the windows that may be one, where those of known moduli are none. */
  *factor(
    bySize: ReadonlyMap<number, WindowColumns>,
    length: number,
    factors: ReadonlyMap<number, WindowColumns> = bySize,
  ): Generator<Factored> {
    const joins = [...factors]
      .flatMap(([size, primes]) => {
        const moduli = moduliOf(size).flatMap((size) => {
          const columns = bySize.get(size);
          return columns && columns.length > 0 ? [{ size, columns }] : [];
        });
        return primes.length >= 2 && moduli.length >= 1 ? [{ size, primes, moduli }] : [];
      })
      .sort((a, b) => a.size - b.size);
    if (joins.length === 0) return;
    this.#work = this.#workspace(
      Math.max(...joins.map(({ primes }) => primes.length)),
      Math.max(...joins.map(({ moduli }) => countOf(moduli))),
    );
    this.#pairsOfAll = this.#budget(Math.max(PAIRS.least, Math.floor(length / PAIRS.bytes)));
    for (const { size, primes, moduli } of joins) yield* this.#join(size, primes, moduli);
  }

  *#join(size: number, primes: WindowColumns, moduli: readonly WindowsBySize[]): Generator<Factored> {
    const sorted = lowsOf(moduli).sort();
    const pairs: Pair[] = [];
    for (const { i, j } of this.#likely(size, primes, sorted)) {
      const low = lowWord(primes.lows[i]! * primes.lows[j]!);
      if (!holds(sorted, low)) continue;
      if (++this.#products <= this.#budget(MOST_PRODUCTS)) pairs.push({ i, j, low });
      else this.#leave(size, primes, i, 'products that may be a modulus were not multiplied out', 1);
      if (pairs.length === MOST_PRODUCTS) yield* this.#multiplied(size, primes, moduli, pairs.splice(0));
    }
    if (pairs.length > 0) yield* this.#multiplied(size, primes, moduli, pairs);
  }

  *#multiplied(
    size: number,
    primes: WindowColumns,
    moduli: readonly WindowsBySize[],
    pairs: readonly Pair[],
  ): Generator<Factored> {
    const places = placesOf(moduli, new Set(pairs.map(({ low }) => low)));
    for (const { i, j, low } of pairs) {
      const p = this.#place(primes, i, size);
      const q = this.#place(primes, j, size);
      if (p === undefined || q === undefined || p.value === q.value) continue;
      const product = p.value * q.value;
      for (const { columns, index, size } of places.get(low) ?? []) {
        const n = this.#place(columns, index, size);
        if (n?.value === product) {
          yield { p, q, n };
          break;
        }
      }
    }
  }

  /** Pairs that pass the bitmap of the moduli's low words. */
  *#likely(size: number, primes: WindowColumns, moduli: BigUint64Array): Generator<{ i: number; j: number }> {
    const count = primes.length;
    const { call } = this.#kernel;
    const { bits, topBits } = bitsFor(moduli.length);
    const work = this.#work!;
    call.clear(work.map, bits);
    call.clear(work.tops, topBits);
    // Both columns go through one buffer, a part at a time.
    for (let done = 0; done < moduli.length; done += work.room) {
      const part = moduli.subarray(done, done + work.room);
      this.#kernel.u64(work.words, part.length).set(part);
      call.mark(work.words, part.length, work.map, bits);
      call.markTops(work.words, part.length, work.tops, topBits);
    }
    const all = primes.lows.subarray(0, count);
    if (count ** 2 / 2 <= this.#pairsOfAll) {
      const reach = Math.min(count - 1, MOST_REACH);
      yield* this.#pairs(all, reach, bits, topBits);
      const left = ((count - 1 - reach) * (count - reach)) / 2;
      if (left > 0) this.#leave(size, primes, 0, FAR_APART, left);
      return;
    }
    yield* this.#pairs(all, INNER_REACH, bits, topBits);
    // Of all pairs less those formed, but for those that were formed twice.
    let left = (count ** 2 - count) / 2 - count * INNER_REACH;
    for (const isOne of FARTHER) {
      const chosen = indicesWhere(primes, isOne);
      if (chosen.length < 2) continue;
      const lows = BigUint64Array.from(chosen, (i) => all[i]!);
      const affordable = Math.floor(this.#budget(PAIRS.least / 4) / lows.length);
      const reach = Math.min(lows.length - 1, Math.max(REACH, affordable), MOST_REACH);
      for (const { i, j } of this.#pairs(lows, reach, bits, topBits)) yield { i: chosen[i]!, j: chosen[j]! };
      left -= lows.length * reach;
    }
    this.#leave(size, primes, 0, FAR_APART, Math.max(1, left));
  }

  /** Pairs of a column, at most `reach` apart. */
  *#pairs(
    lows: BigUint64Array,
    reach: number,
    bits: number,
    topBits: number,
  ): Generator<{ i: number; j: number }> {
    const { call } = this.#kernel;
    const work = this.#work!;
    const step = work.room - reach;
    for (let base = 0; base < lows.length; base += step) {
      const part = lows.subarray(base, base + work.room);
      this.#kernel.u64(work.words, part.length).set(part);
      const to = Math.min(step, part.length);
      for (let from = 0; from < to; ) {
        const hits = call.join(
          work.words,
          from,
          to,
          part.length,
          reach,
          work.tops,
          topBits,
          work.map,
          bits,
          work.hits,
          work.room,
          work.next,
        );
        from = this.#kernel.u32(work.next, 1)[0]!;
        const found = this.#kernel.u32(work.hits, hits * 2).slice();
        for (let k = 0; k < hits; k++) yield { i: base + found[2 * k]!, j: base + found[2 * k + 1]! };
      }
    }
  }

  #work: Workspace | undefined;

  /** Room for the largest columns. A part of one is followed by what its words are multiplied with, at most as many again. */
  #workspace(primes: number, moduli: number): Workspace {
    const { bits, topBits } = bitsFor(moduli);
    const room = Math.min(MOST_ROOM, 2 * Math.max(primes, moduli));
    return {
      map: this.#kernel.allocate(1 << (bits - 3)),
      tops: this.#kernel.allocate(1 << (topBits - 3)),
      words: this.#kernel.allocate(room * 8),
      room,
      hits: this.#kernel.allocate(room * 8),
      next: this.#kernel.allocate(8),
    };
  }

  #place(windows: WindowColumns, i: number, size: number): Placed | undefined {
    const place = placeAt(windows, i, size);
    const bytes = this.#bytes.read(place.offset, place.length);
    if (bytes.length < place.length) return undefined;
    return { ...place, value: toNumber(bytes, place.reading) };
  }

  #leave(size: number, windows: WindowColumns, from: number, what: string, count: number): void {
    const span = this.#spans.get(windows) ?? spanOf(windows);
    this.#spans.set(windows, span);
    const first = from === 0 ? span.first : windows.offsets[from]!;
    this.#shortfall.add('rsa-unknown-n', what, first, span.last + wordsOf(size) * 8, count);
  }
}

/** Sizes that a product of two numbers of this one may have. */
const moduliOf = (size: number): number[] => {
  const words = 2 * wordsOf(size);
  return [words, oddSize(words), oddSize(words - 0.5)];
};
