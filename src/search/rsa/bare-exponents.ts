import { toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { RsaMaterial } from '../../model/key-material.js';
import { PRIME_WORDS } from '../../runs/extractor.js';
import { toNumber, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { SearchContext } from '../core/search-context.js';
import type { Place, Run, WordReading } from '../core/types.js';
import { isExponent, nearInteger, TOPS } from './private-exponent.js';

/** n and d of one key, both bare numbers. */
export interface ExponentFound {
  n: bigint;
  e: bigint;
  material: RsaMaterial;
  /** Where d stands. */
  place: Place;
}

/** Words of a modulus: shorter ones are toys, and every elliptic curve has numbers of their lengths. */
const LEAST = 16;
const SIZES: ReadonlySet<number> = new Set(
  PRIME_WORDS.map((words) => words * 2).filter((words) => words >= LEAST),
);
/** Public exponents that are tried; no certificate tells the key's. The kernel has them too (kernel/fractions.as.ts). */
const EXPONENTS = [65_537n, 3n, 17n];
/** A number is tried with so many of its size on either side: n and d of one key are made one after the other. */
const REACH = 4;
/** Pairs of one size that are tried at least, however far apart, 0.1 us each; and the most that one number is in. */
const PAIRS = 1 << 15;
const FURTHEST = 512;
/** Numbers of all sizes that are looked at, 3 us each. */
const MOST = 5_000;
/** Pairs that come out of the kernel at once. */
const MOST_PAIRS = 1024;

/** Numbers of one length that fill their runs, or all of them but a word, in each reading in which they are odd: where, and as fractions of 2^(64 words). */
interface Column {
  words: number;
  readings: WordReading[];
  offsets: number[];
  tops: number[];
}

/** One of them, read once more. */
interface Candidate extends Place {
  reading: WordReading;
  stored: Buffer;
  top: number;
}

/**
 * Keys of which n and d stand as bare numbers and nothing else does: no prime, no certificate. e * d / n lies just below a fraction
 * with a small denominator (private-exponent.ts), and of two random numbers one pair in a million does.
 */
export function* bareExponents(search: SearchContext): Generator<ExponentFound> {
  const { kernel, bytes } = search;
  for (const column of columnsOf(search))
    for (const [i, j] of kernel.scratch(() => pairsOf(kernel, column))) {
      const [number, other] = [candidateAt(column, i, bytes), candidateAt(column, j, bytes)];
      if (number === undefined || other === undefined) continue;
      yield* keysOf(number, other);
      yield* keysOf(other, number);
    }
}

/** Odd numbers by their length, in file order. */
function columnsOf({ bytes, runs, shortfall, budget }: SearchContext): Iterable<Column> {
  const most = budget(MOST);
  const columns = new Map<number, Column>();
  let count = 0;
  for (const run of runs.ofWords(LEAST - 1))
    for (const words of [run.words - 1, run.words, run.words + 1]) {
      if (!SIZES.has(words)) continue;
      if (++count > most) {
        const [from, to] = [run.offset, run.offset + run.words * 8];
        shortfall.add('rsa-unknown-n d', 'numbers were not tried as d of a modulus beside them', from, to);
        continue;
      }
      const column = columns.get(words) ?? { words, readings: [], offsets: [], tops: [] };
      columns.set(words, column);
      for (const offset of startsOf(run, words)) {
        const stored = storedAt(offset, words, bytes);
        if (stored === undefined) continue;
        for (const reading of WORD_ENCODINGS) {
          if ((stored[LOWEST[reading](stored.length)]! & 1) === 0) continue;
          column.readings.push(reading);
          column.offsets.push(offset);
          column.tops.push(TOPS[reading](stored));
        }
      }
    }
  return [...columns.values()].flatMap((column) =>
    column.tops.length * column.tops.length > PAIRS ? WORD_ENCODINGS.map((one) => only(one, column)) : column,
  );
}

/** Of many numbers those in one reading: near each other are n and d of one library. */
function only(reading: WordReading, { words, readings, offsets, tops }: Column): Column {
  const own = (_: number, i: number) => readings[i] === reading;
  return {
    words,
    readings: readings.filter((each) => each === reading),
    offsets: offsets.filter(own),
    tops: tops.filter(own),
  };
}

/** Where a number of so many words may begin: at the run's first word, or a word beside it. */
const startsOf = ({ offset, words }: Run, size: number): number[] =>
  words === size ? [offset] : words < size ? [offset - 8, offset] : [offset, offset + 8];

function storedAt(offset: number, words: number, bytes: RunBytes): Buffer | undefined {
  const stored = offset < 0 ? undefined : bytes.read(offset, words * 8);
  return stored?.length === words * 8 ? stored : undefined;
}

function candidateAt(
  { words, readings, offsets, tops }: Column,
  i: number,
  bytes: RunBytes,
): Candidate | undefined {
  const stored = storedAt(offsets[i]!, words, bytes);
  return stored && { offset: offsets[i]!, length: words * 8, reading: readings[i]!, stored, top: tops[i]! };
}

/** Indices of two numbers that may be n and d: near each other, or of all, where they are few. */
function pairsOf(kernel: Kernel, { tops }: Column): [number, number][] {
  const at = kernel.allocate(tops.length * 8);
  const hits = kernel.allocate(MOST_PAIRS * 8);
  const next = kernel.allocate(8);
  kernel.f64(at, tops.length).set(tops);
  const pairs: [number, number][] = [];
  const few = Math.min(FURTHEST, Math.floor(PAIRS / Math.max(1, tops.length)));
  const reach = Math.max(2 * REACH, few);
  for (let from = 0; from < tops.length; ) {
    const found = kernel.call.exponentPairs(at, from, tops.length, reach, hits, MOST_PAIRS, next);
    from = kernel.u32(next, 1)[0]!;
    const indices = kernel.u32(hits, found * 2);
    for (let k = 0; k < indices.length; k += 2) pairs.push([indices[k]!, indices[k + 1]!]);
  }
  return pairs;
}

/** Index of a number's lowest byte. */
const LOWEST: { [K in WordReading]: (length: number) => number } = {
  'limbs-le': () => 0,
  'bytes-be': (length) => length - 1,
  'int32-msw': (length) => length - 4,
};

const NONE: readonly ExponentFound[] = [];

/** With each public exponent that fits: what fits 3 may fit 65,537 with another denominator, and the proof tells which is the key's. */
function keysOf(modulus: Candidate, exponent: Candidate): readonly ExponentFound[] {
  if (modulus.top < 0.5 || exponent.top >= modulus.top) return NONE;
  const quotient = exponent.top / modulus.top;
  const fitting = EXPONENTS.filter((e) => nearInteger(Number(e) * quotient));
  if (fitting.length === 0) return NONE;
  const [n, d] = [modulus, exponent].map(({ stored, reading }) => toNumber(stored, reading)) as [
    bigint,
    bigint,
  ];
  let found = NONE;
  for (const e of fitting) {
    // A prime and its own exponent, as they stand in every whole key.
    if ((e * d - 1n) % (n - 1n) === 0n || !isExponent(d, { n, e })) continue;
    const { offset, length, reading } = exponent;
    const material: RsaMaterial = { type: 'rsa', n: toBytes(n), e: toBytes(e), d: new Secret(toBytes(d)) };
    found = [...found, { n, e, material, place: { offset, length, reading } }];
  }
  return found;
}
