import { toBytes } from '../integers.js';
import type { RsaMaterial } from '../keys.js';
import { PRIME_WORDS } from '../noise/extractor.js';
import { Secret } from '../secret.js';
import { isExponent, nearInteger, TOPS } from './private-exponent.js';
import { toNumber, WORD_READINGS } from './readings.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Budget, Shortfall } from './shortfall.js';
import type { Place, Run, WordReading } from './types.js';

/** n and d of one key, both bare numbers. */
export interface ExponentFound {
  n: bigint;
  material: RsaMaterial;
  /** Where d stands. */
  place: Place;
}

/** Words of a modulus: shorter ones are toys, and every elliptic curve has numbers of their lengths. */
const LEAST = 16;
const SIZES: ReadonlySet<number> = new Set(
  PRIME_WORDS.map((words) => words * 2).filter((words) => words >= LEAST),
);
/** Public exponents that are tried; no certificate tells the key's. */
const EXPONENTS = [65_537n, 3n, 17n];
/** A number is tried with so many of its size on either side: n and d of one key are made one after the other. */
const REACH = 4;
/** Numbers of all sizes that are looked at, 3 us each. */
const MOST = 10_000;

/** A number that fills its run, or all of it but a word. */
interface Candidate extends Place {
  reading: WordReading;
  stored: Buffer;
  /** As a fraction of 2^(64 words). */
  top: number;
}

/**
 * Keys of which n and d stand as bare numbers and nothing else does: no prime, no certificate. e * d / n lies just below a fraction
 * with a small denominator (private-exponent.ts), and of two random numbers one pair in a million does.
 */
export function* bareExponents(
  bytes: RunBytes,
  runs: RunList,
  shortfall: Shortfall,
  budget: Budget,
): Generator<ExponentFound> {
  const recent = new Map<string, Candidate[]>();
  const most = budget(MOST);
  let count = 0;
  for (const run of runs.ofWords(LEAST - 1))
    for (const words of [run.words - 1, run.words, run.words + 1]) {
      if (!SIZES.has(words)) continue;
      if (++count > most) {
        const [from, to] = [run.offset, run.offset + run.words * 8];
        shortfall.add('rsa-unknown-n d', 'numbers were not tried as d of a modulus beside them', from, to);
        continue;
      }
      for (const number of numbersOf(run, words, bytes)) {
        const id = `${words} ${number.reading}`;
        const others = recent.get(id) ?? [];
        recent.set(id, others);
        for (const other of others) {
          yield* keysOf(number, other);
          yield* keysOf(other, number);
        }
        if (others.length === 2 * REACH) others.shift();
        others.push(number);
      }
    }
}

/** Odd numbers of so many words that begin at the run's first word, or a word beside it. */
function* numbersOf(run: Run, words: number, bytes: RunBytes): Generator<Candidate> {
  const length = words * 8;
  for (const start of run.words === words ? [0] : run.words < words ? [-8, 0] : [0, 8]) {
    const offset = run.offset + start;
    const stored = offset < 0 ? undefined : bytes.read(offset, length);
    if (stored?.length !== length) continue;
    for (const reading of WORD_READINGS)
      if ((stored[LOWEST[reading](length)]! & 1) === 1)
        yield { offset, length, reading, stored, top: TOPS[reading](stored) };
  }
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
  let found = NONE;
  for (const e of EXPONENTS) {
    if (!nearInteger(Number(e) * quotient)) continue;
    const [n, d] = [modulus, exponent].map(({ stored, reading }) => toNumber(stored, reading)) as [
      bigint,
      bigint,
    ];
    // A prime and its own exponent, as they stand in every whole key.
    if ((e * d - 1n) % (n - 1n) === 0n || !isExponent(d, { n, e })) continue;
    const { offset, length, reading } = exponent;
    const material: RsaMaterial = { type: 'rsa', n: toBytes(n), e: toBytes(e), d: new Secret(toBytes(d)) };
    found = [...found, { n, material, place: { offset, length, reading } }];
  }
  return found;
}
