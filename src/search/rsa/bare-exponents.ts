/**
 * Keys of which only n and d are present, as bare numbers: no prime and no certificate.
 * For such a pair e * d / n lies just below a fraction with a small denominator (private-exponent.ts).
 * One pair of random numbers in a million passes that test.
 */

import type { RsaMaterial } from '../../model/key-material.js';
import { toNumber, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { SearchContext } from '../core/search-context.js';
import type { Place, WordEncoding } from '../core/types.js';
import { fillingSizes, fillingStarts } from './filling-starts.js';
import { MODULUS_SIZES } from './modulus.js';
import { isExponent, LEADING_FRACTION, nearInteger } from './private-exponent.js';
import { rsaMaterial } from './rsa-material.js';

export interface FoundByExponent {
  n: bigint;
  e: bigint;
  material: RsaMaterial;
  /** Where d is. */
  place: Place;
}

const SIZES: ReadonlySet<number> = new Set(MODULUS_SIZES);
const MIN_WORDS = Math.min(...SIZES);
/**
 * Public exponents tried, since no certificate states the key's; the kernel has the same
 * (kernel/fractions.as.ts).
 */
const PUBLIC_EXPONENTS = [65_537n, 3n, 17n];
/**
 * Numbers of the same size on either side that each number is paired with: n and d are allocated close
 * together.
 */
const MIN_NEIGHBOURS = 4;
/** Pairs of one size, 0.1 us each, that allow a greater distance; and the greatest distance. */
const MAX_PAIRS = 1 << 15;
const MAX_NEIGHBOURS = 512;
/** Numbers of all sizes, 3 us each. */
const MAX_NUMBERS = 5_000;
/** Pairs that one call of the kernel returns. */
const PAIRS_PER_CALL = 1024;

/**
 * Numbers of one length that fill their runs give or take a word, in each encoding that makes them odd.
 * `fractions`: each as a fraction of 2^(64 words).
 */
interface Column {
  words: number;
  readings: WordEncoding[];
  offsets: number[];
  fractions: number[];
}

/** A number of a column with its bytes. */
interface Candidate extends Place {
  reading: WordEncoding;
  stored: Buffer;
  fraction: number;
}

export function* bareExponents(search: SearchContext): Generator<FoundByExponent> {
  const { kernel, bytes } = search;
  for (const column of columnsOf(search))
    for (const [i, j] of kernel.scratch(() => pairsOf(kernel, column))) {
      const [number, other] = [candidateAt(column, i, bytes), candidateAt(column, j, bytes)];
      if (number === undefined || other === undefined) continue;
      yield* keysOf(number, other);
      yield* keysOf(other, number);
    }
}

/** Columns by length, each in file order. */
function columnsOf({ bytes, runs, skippedWork, budget }: SearchContext): Iterable<Column> {
  const most = budget(MAX_NUMBERS);
  const columns = new Map<number, Column>();
  let count = 0;
  for (const run of runs.ofWords(MIN_WORDS - 1))
    for (const words of fillingSizes(run)) {
      if (!SIZES.has(words)) continue;
      if (++count > most) {
        const [from, to] = [run.offset, run.offset + run.words * 8];
        const what = 'numbers were not tried as d of a nearby modulus';
        skippedWork.add('rsa-unknown-n d', { target: 'blind', left: 1 }, what, from, to);
        continue;
      }
      const column = columns.get(words) ?? { words, readings: [], offsets: [], fractions: [] };
      columns.set(words, column);
      for (const offset of fillingStarts(run, words)) {
        const stored = storedAt(offset, words, bytes);
        if (stored === undefined) continue;
        for (const reading of WORD_ENCODINGS) {
          if ((stored[LOWEST_BYTE[reading](stored.length)]! & 1) === 0) continue;
          column.readings.push(reading);
          column.offsets.push(offset);
          column.fractions.push(LEADING_FRACTION[reading](stored));
        }
      }
    }
  return [...columns.values()].flatMap((column) =>
    column.fractions.length ** 2 > MAX_PAIRS
      ? WORD_ENCODINGS.map((one) => withEncoding(one, column))
      : column,
  );
}

/**
 * In a long column one encoding at a time: n and d come from the same library, and are then closer together.
 */
function withEncoding(reading: WordEncoding, { words, readings, offsets, fractions }: Column): Column {
  const matches = (_: unknown, i: number) => readings[i] === reading;
  return {
    words,
    readings: readings.filter(matches),
    offsets: offsets.filter(matches),
    fractions: fractions.filter(matches),
  };
}

function storedAt(offset: number, words: number, bytes: RunBytes): Buffer | undefined {
  const stored = offset < 0 ? undefined : bytes.read(offset, words * 8);
  return stored?.length === words * 8 ? stored : undefined;
}

function candidateAt(column: Column, i: number, bytes: RunBytes): Candidate | undefined {
  const [offset, reading, fraction] = [column.offsets[i]!, column.readings[i]!, column.fractions[i]!];
  const stored = storedAt(offset, column.words, bytes);
  return stored && { offset, length: stored.length, reading, stored, fraction };
}

/**
 * Indices of possible (n, d) or (d, n): all pairs of a short column, pairs of near neighbours of a long one.
 */
function pairsOf(kernel: Kernel, { fractions }: Column): [number, number][] {
  const { length } = fractions;
  const at = kernel.allocate(length * 8);
  const hits = kernel.allocate(PAIRS_PER_CALL * 8);
  const next = kernel.allocate(8);
  kernel.f64(at, length).set(fractions);
  const pairs: [number, number][] = [];
  const affordable = Math.min(MAX_NEIGHBOURS, Math.floor(MAX_PAIRS / Math.max(1, length)));
  const neighbours = Math.max(2 * MIN_NEIGHBOURS, affordable);
  for (let from = 0; from < length; ) {
    const found = kernel.call.exponentPairs(at, from, length, neighbours, hits, PAIRS_PER_CALL, next);
    from = kernel.u32(next, 1)[0]!;
    const indices = kernel.u32(hits, found * 2);
    for (let k = 0; k < indices.length; k += 2) pairs.push([indices[k]!, indices[k + 1]!]);
  }
  return pairs;
}

/** Index of a number's least significant byte. */
const LOWEST_BYTE: { [K in WordEncoding]: (length: number) => number } = {
  'limbs-le': () => 0,
  'bytes-be': (length) => length - 1,
  'int32-msw': (length) => length - 4,
};

const NONE: readonly FoundByExponent[] = [];

/**
 * One key for each public exponent that fits: a pair that fits e = 3 can fit 65,537 with another denominator.
 * The proof decides which e is the key's.
 */
function keysOf(modulus: Candidate, exponent: Candidate): readonly FoundByExponent[] {
  if (modulus.fraction < 0.5 || exponent.fraction >= modulus.fraction) return NONE;
  const quotient = exponent.fraction / modulus.fraction;
  const fitting = PUBLIC_EXPONENTS.filter((e) => nearInteger(Number(e) * quotient));
  if (fitting.length === 0) return NONE;
  const n = toNumber(modulus.stored, modulus.reading);
  const d = toNumber(exponent.stored, exponent.reading);
  const { offset, length, reading } = exponent;
  return fitting.flatMap((e) => {
    // e * d = 1 mod n - 1: n is a prime p and d its dp, as in every complete key.
    if ((e * d - 1n) % (n - 1n) === 0n || !isExponent(d, { n, e })) return NONE;
    return { n, e, material: rsaMaterial({ n, e, d }), place: { offset, length, reading } };
  });
}
