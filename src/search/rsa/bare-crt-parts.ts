/**
 * Keys of which only the CRT parts are present, as bare numbers: p, q, dp, dq, and no n, e or d (BearSSL).
 * e * dp = 1 mod (p - 1) shows that p is a factor of a modulus with that e; two of them make n. Numbers are
 * tried where they lie side by side in one run, and where each fills its own (kernel/crt.as.ts).
 */

import { PRIME_WORDS } from '../../sweep/runs/extractor.js';
import { toNumber, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { Piece } from '../core/run-bytes.js';
import type { SearchContext } from '../core/search-context.js';
import type { Run, WordEncoding } from '../core/types.js';
import { fillingStarts } from './filling-starts.js';
import type { PlacedNumber } from './placed-number.js';
import { SkippedRange } from './skipped-range.js';

/** A prime with its exponent dp, proven except for primality. */
export interface ExponentPrime extends PlacedNumber {
  e: bigint;
  /** Where its exponent is. */
  exponent: number;
  /** The piece of a run that both lie in, side by side. */
  run?: number;
  /** Where numbers of its size begin that may be its coefficient, qinv, if it has an object of its own. */
  near?: readonly number[];
}

/** Words of primes of moduli from 1,024 to 8,192 bits. */
const SIZES = PRIME_WORDS.filter((words) => words >= 8 && words <= 64);
const LEAST = Math.min(...SIZES);
/** p, q, dp and dq, and most libraries also keep qinv. */
const PARTS = { least: 4, counts: [4, 5], offsets: [0, 1, 2, 3, 4] };
/** Words that the net may miss or add at the ends of a run. */
const SLACK = 3;
/** Bytes from an end of a run in which octets at any address begin or end. */
const EDGE = 16;
/** Places of numbers within runs, 10 to 20 ns each, or one for every 128 bytes of the artifact. */
const PLACES = { least: 1 << 21, bytes: 128 };
/** Numbers of one size that fill their runs, and the least distance up to which they are paired. */
const MAX_NUMBERS = 1 << 15;
const MIN_REACH = 16;
/** Pairs of such numbers, 2 ns each, or one for every 256 bytes of the artifact. */
const PAIRS = { least: 1 << 21, bytes: 256 };
/** Numbers on either side of a prime among which its coefficient is. */
const NEAR = 24;
/** Primes with an exponent that are kept: a process has few keys. */
const MAX_PRIMES = 256;
/** Hits of one call of the kernel, and bytes of one. */
const HITS = 256;
const HIT = 12;
/** Cost of a hit's proof, in places: chance makes no hits, but crafted numbers may be nothing else. */
const PROOF = 256;

const NAME = 'rsa-unknown-n crt';
const UNTRIED = 'numbers were not tried as a prime next to its CRT exponent';

export type CrtContext = SearchContext & {
  /** Length of the artifact, in bytes. */
  length: number;
};

export function bareCrtParts(context: CrtContext): ExponentPrime[] {
  return context.kernel.scratch(() => new CrtParts(context).primes());
}

/** Numbers of one size that fill their runs, in file order: first and last word, and file offset. */
interface Column {
  firsts: bigint[];
  lasts: bigint[];
  offsets: number[];
}

/** Places of a prime and of its exponent, in bytes of one memory or in indices. */
type Hit = [prime: number, exponent: number, e: number];

const NO_HITS: readonly Hit[] = [];

class CrtParts {
  readonly #context: CrtContext;
  readonly #hits: number;
  readonly #found = new Map<bigint, ExponentPrime>();
  readonly #skipped = new SkippedRange();
  #places: number;

  constructor(context: CrtContext) {
    const { kernel, budget, length } = context;
    this.#context = context;
    this.#hits = kernel.allocate(HITS * HIT);
    this.#places = budget(Math.max(PLACES.least, Math.floor(length / PLACES.bytes)));
  }

  primes(): ExponentPrime[] {
    const { runs, bytes, skippedWork } = this.#context;
    // Runs as long as such an object come first: only these are sure to fit the budget.
    for (const isFirst of [true, false])
      for (const run of runs.ofWords(PARTS.least * LEAST - SLACK))
        if (isObject(run) === isFirst) for (const piece of bytes.pieces(run)) this.#within(piece);
    for (const words of SIZES) this.#apart(words);
    this.#skipped.report(skippedWork, NAME, ['blind'], UNTRIED);
    return [...this.#found.values()];
  }

  /** Numbers side by side in a piece of a run. */
  #within(piece: Piece): void {
    const { at, offset, words, before, after } = piece;
    const low = at - Math.min(8, before);
    const high = at + Math.min(words * 8 + 8, after);
    for (const size of SIZES) {
      if (words + SLACK < PARTS.least * size) break;
      const length = size * 8;
      const last = high - length;
      const ranges: Range[] = WORD_ENCODINGS.map((reading) => ({ reading, from: low, to: last, step: 8 }));
      for (const from of octetStarts(piece, low, high, length))
        ranges.push({ reading: 'bytes-be', from, to: Math.min(last, from + EDGE), step: 1 });
      for (const { reading, from, to, step } of ranges) {
        const count = Math.floor((to - from) / step) + 1;
        if (this.#places < count) {
          this.#skipped.add(offset, offset + words * 8, count);
          continue;
        }
        this.#places -= count;
        const hits = this.#pairs(from, to + 1, step, low, high, length, reading);
        this.#places -= hits * PROOF;
        for (const [prime, exponent, e] of this.#hitsOf(hits, offset, offset + words * 8))
          this.#add(length, reading, offset + prime - at, offset + exponent - at, e, { run: offset });
      }
    }
  }

  /** Number of the kernel's hits. */
  #pairs(
    from: number,
    to: number,
    step: number,
    low: number,
    high: number,
    length: number,
    reading: WordEncoding,
  ): number {
    const { call } = this.#context.kernel;
    const form = WORD_ENCODINGS.indexOf(reading);
    return call.crtPairs(from, to, step, low, high, length, form, this.#hits, HITS);
  }

  /** Numbers that fill their runs give or take a word. */
  #apart(size: number): void {
    const { kernel, budget, length } = this.#context;
    const { firsts, lasts, offsets } = this.#column(size, Math.min(MAX_NUMBERS, budget(MAX_NUMBERS)));
    const count = offsets.length;
    if (count < 2) return;
    kernel.scratch(() => {
      const [first, last] = [kernel.allocate(count * 8), kernel.allocate(count * 8)];
      kernel.u64(first, count).set(firsts);
      kernel.u64(last, count).set(lasts);
      const pairs = budget(Math.max(PAIRS.least, Math.floor(length / PAIRS.bytes)));
      const reach = Math.min(count, Math.max(MIN_REACH, Math.floor(pairs / count)));
      const [start, end] = [offsets[0]!, offsets.at(-1)! + size * 8];
      for (const [form, reading] of WORD_ENCODINGS.entries()) {
        const found = kernel.call.crtNeighbours(first, last, count, reach, form, this.#hits, HITS);
        for (const [prime, exponent, e] of this.#hitsOf(found, start, end))
          this.#add(size * 8, reading, offsets[prime]!, offsets[exponent]!, e, {
            near: offsets.slice(Math.max(0, prime - NEAR), prime + NEAR),
          });
      }
      const left = ((count - reach) * (count - reach - 1)) / 2;
      if (left > 0) this.#skipped.add(start, end, left * WORD_ENCODINGS.length);
    });
  }

  #column(size: number, most: number): Column {
    const { runs, bytes, kernel } = this.#context;
    const column: Column = { firsts: [], lasts: [], offsets: [] };
    for (const run of runs.ofWords(size - 1, size + 1)) {
      if (column.offsets.length >= most) {
        this.#skipped.add(run.offset, run.offset + run.words * 8, WORD_ENCODINGS.length);
        continue;
      }
      for (const { at, before, after } of bytes.pieces(run))
        for (const offset of fillingStarts(run, size)) {
          const start = offset - run.offset;
          if (start < -before || start + size * 8 > after) continue;
          column.firsts.push(kernel.bytes.readBigUInt64LE(at + start));
          column.lasts.push(kernel.bytes.readBigUInt64LE(at + start + size * 8 - 8));
          column.offsets.push(offset);
        }
    }
    return column;
  }

  /** The kernel's hits; of more than it can write, which lie between two offsets, the number is reported. */
  #hitsOf(found: number, from: number, to: number): readonly Hit[] {
    if (found === 0) return NO_HITS;
    if (found > HITS) this.#skipped.add(from, to, found - HITS);
    const all = this.#context.kernel.u32(this.#hits, Math.min(found, HITS) * 3);
    return Array.from({ length: all.length / 3 }, (_, i) => [all[3 * i]!, all[3 * i + 1]!, all[3 * i + 2]!]);
  }

  #add(
    length: number,
    reading: WordEncoding,
    offset: number,
    exponent: number,
    e: number,
    among: Pick<ExponentPrime, 'run' | 'near'>,
  ): void {
    if (this.#found.size >= MAX_PRIMES) {
      this.#skipped.add(offset, offset + length);
      return;
    }
    const number = (at: number) => toNumber(this.#context.bytes.read(at, length), reading);
    const [value, d] = [number(offset), number(exponent)];
    if (this.#found.has(value) || d < 2n || (BigInt(e) * d - 1n) % (value - 1n) !== 0n) return;
    this.#found.set(value, { value, offset, length, reading, e: BigInt(e), exponent, ...among });
  }
}

/** Places that are tried. */
interface Range {
  reading: WordEncoding;
  from: number;
  /** The last place. */
  to: number;
  step: number;
}

/** Where octets may begin that lie in an object which begins or ends as its run does. */
function octetStarts({ startsRun, endsRun }: Piece, low: number, high: number, length: number): number[] {
  const starts = PARTS.offsets.map((i) => low + i * length);
  const ends = PARTS.offsets.map((i) => high - EDGE - (i + 1) * length);
  return [...(startsRun ? starts : []), ...(endsRun ? ends : [])].filter(
    (from) => from >= low && from + length <= high,
  );
}

/** True if the run is as long as p, q, dp and dq are, with or without qinv. */
const isObject = ({ words }: Run): boolean =>
  SIZES.some((size) => PARTS.counts.some((count) => Math.abs(words - count * size) < SLACK));
