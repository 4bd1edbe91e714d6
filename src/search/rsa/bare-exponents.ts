/**
 * Keys of which only n and d are present, as bare numbers: no prime and no certificate.
 * For such a pair e * d / n lies just below a fraction with a small denominator (private-exponent.ts).
 * One pair of random numbers in a million passes that test.
 */

import { toBigint } from '../../core/base/bytes/integers.js';
import type { RsaMaterial } from '../../core/model/key-material.js';
import { toBigEndian, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import type { FilePlace, WordEncoding } from '../core/types.js';
import { digitNumbers } from './digit-numbers.js';
import { fillingSizes, fillingStarts } from './filling-starts.js';
import { groupBy, MODULUS_SIZES } from './modulus.js';
import { isExponent, LEADING_FRACTION, nearInteger } from './private-exponent.js';
import { rsaMaterial } from './rsa-key.js';

export interface FoundByExponent {
  n: bigint;
  e: bigint;
  material: RsaMaterial;
  /** Where d is. */
  place: FilePlace;
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
/** Pairs of one size, 0.5 us each, that allow a greater distance; and the greatest distance. */
const MAX_PAIRS = 3 << 15;
const MAX_NEIGHBOURS = 512;
/** Numbers of a column that is divided by encoding. */
const LONG_COLUMN = 181;
/** Numbers of all sizes, 3 us each. */
const MAX_NUMBERS = 5_000;
/** Pairs that one call of the kernel returns. */
const PAIRS_PER_CALL = 1024;

const NAME = 'rsa-unknown-n d';
const UNTRIED = 'numbers were not tried as d of a nearby modulus';
const FAR_APART = 'pairs of numbers far apart were not tried as n and d';

/** Numbers of one length, each as a fraction of 2^(64 words), in file order. */
interface Column {
  fractions: number[];
  offsets: number[];
  at(index: number): Candidate | undefined;
}

/** Numbers that fill their runs give or take a word, in each encoding that makes them odd. */
interface WordColumn {
  words: number;
  readings: WordEncoding[];
  offsets: number[];
  fractions: number[];
}

/** A number of a column, most significant octet first. */
interface Candidate extends FilePlace {
  octets: Buffer;
  fraction: number;
}

interface ExponentContext extends SearchContext {
  /** Sequences of digits. */
  digits: RunList;
}

export function* bareExponents(search: ExponentContext): Generator<FoundByExponent> {
  for (const column of [...wordColumns(search), ...digitColumns(search)])
    for (const [i, j] of search.kernel.scratch(() => pairsOf(column, search))) {
      const [number, other] = [column.at(i), column.at(j)];
      if (number === undefined || other === undefined) continue;
      yield* keysOf(number, other);
      yield* keysOf(other, number);
    }
}

/** Columns by length, each in file order. */
function wordColumns({ bytes, runs, skippedWork, budget }: SearchContext): Column[] {
  const most = budget(MAX_NUMBERS);
  const columns = new Map<number, WordColumn>();
  let count = 0;
  for (const run of runs.ofWords(MIN_WORDS - 1))
    for (const words of fillingSizes(run)) {
      if (!SIZES.has(words)) continue;
      if (++count > most) {
        skippedWork.add(NAME, { target: 'blind', left: 1 }, UNTRIED, run.offset, run.offset + run.words * 8);
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
  return [...columns.values()]
    .flatMap((column) =>
      column.fractions.length > LONG_COLUMN ? WORD_ENCODINGS.map((one) => withEncoding(one, column)) : column,
    )
    .map((column) => ({ ...column, at: (i) => candidateAt(column, i, bytes) }));
}

/** Numbers in digits: n and d of one library are in one form. */
function digitColumns({ bytes, digits, skippedWork, budget }: ExponentContext): Column[] {
  const left = { target: 'blind', left: 1 } as const;
  const numbers = digitNumbers(digits, bytes, SIZES, budget, (offset, length) =>
    skippedWork.add(NAME, left, UNTRIED, offset, offset + length),
  );
  return [...groupBy(numbers, ({ octets, reading }) => `${octets.length} ${reading}`).values()].map((all) => {
    const fractions = all.map(({ octets }) => LEADING_FRACTION['bytes-be'](octets));
    const at = (i: number) => ({ ...all[i]!, fraction: fractions[i]! });
    return { fractions, offsets: all.map(({ offset }) => offset), at };
  });
}

/**
 * In a long column one encoding at a time: n and d come from the same library, and are then closer together.
 */
function withEncoding(
  reading: WordEncoding,
  { words, readings, offsets, fractions }: WordColumn,
): WordColumn {
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

function candidateAt(column: WordColumn, i: number, bytes: RunBytes): Candidate | undefined {
  const [offset, reading, fraction] = [column.offsets[i]!, column.readings[i]!, column.fractions[i]!];
  const stored = storedAt(offset, column.words, bytes);
  return stored && { offset, length: stored.length, reading, octets: toBigEndian(stored, reading), fraction };
}

/**
 * Indices of possible (n, d) or (d, n): all pairs of a short column, pairs of near neighbours of a long one.
 */
function pairsOf(
  { fractions, offsets }: Column,
  { kernel, skippedWork, budget }: Pick<SearchContext, 'kernel' | 'skippedWork' | 'budget'>,
): [number, number][] {
  const { length } = fractions;
  if (length < 2) return [];
  const affordable = Math.min(budget(MAX_NEIGHBOURS), Math.floor(budget(MAX_PAIRS) / length));
  const reach = Math.min(length - 1, Math.max(2 * MIN_NEIGHBOURS, affordable));
  // Pairs of a call: as many as one number can have, so that each call makes progress.
  const room = Math.max(PAIRS_PER_CALL, reach);
  const at = kernel.allocate(length * 8);
  const hits = kernel.allocate(room * 8);
  const next = kernel.allocate(8);
  kernel.f64(at, length).set(fractions);
  const pairs: [number, number][] = [];
  for (let from = 0; from < length; ) {
    const found = kernel.call.exponentPairs(at, from, length, reach, hits, room, next);
    from = kernel.u32(next, 1)[0]!;
    const indices = kernel.u32(hits, found * 2);
    for (let k = 0; k < indices.length; k += 2) pairs.push([indices[k]!, indices[k + 1]!]);
  }
  const left = ((length - reach) * (length - reach - 1)) / 2;
  const candidates = { target: 'blind', left } as const;
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const offset of offsets) [from, to] = [Math.min(from, offset), Math.max(to, offset)];
  skippedWork.add(NAME, candidates, FAR_APART, from, to);
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
  const [n, d] = [toBigint(modulus.octets), toBigint(exponent.octets)];
  const { offset, length, reading } = exponent;
  return fitting.flatMap((e) => {
    // e * d = 1 mod n - 1: n is a prime p and d its dp, as in every complete key.
    if ((e * d - 1n) % (n - 1n) === 0n || !isExponent(d, { n, e })) return NONE;
    return { n, e, material: rsaMaterial({ n, e, d }), place: { offset, length, reading } };
  });
}
