/**
 * p and q of a known modulus, each with overwritten words in the middle, but different ones. From the low end
 * on, p * q = n modulo each power of 2^64 gives one word after the other (Hensel lifting as in Heninger and
 * Shacham 2009, with words instead of bits, and without branches since one of both words is known).
 */

import { inverse } from '../../base/bytes/integers.js';
import type { LimitTarget } from '../../limits/limit.js';
import { Effort } from '../core/effort.js';
import { bitLength, lowWord } from '../core/integer-encodings.js';
import { zeroBytes } from '../core/randomness-test.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import type { Run, WordEncoding } from '../core/types.js';
import { groupBy } from './group-by.js';
import { type KeyFromPart, keyFromPart } from './key-from-part.js';
import { type Modulus, targetOf, targetsOf } from './modulus.js';
import { SkippedRange } from './skipped-range.js';

/** Zero bytes of a word that is taken as overwritten: by a pointer, a length, zeros. */
const MIN_ZERO_BYTES = 2;
/**
 * Words of the numbers with gaps that are kept of one size, 32 bytes each; dense files have some thousand
 * numbers.
 */
const MAX_WORDS = 1 << 19;
/** Pairs with matching lowest words that are lifted, 20 us each; only a crafted dump has more. */
const MAX_PAIRS = 1 << 15;

/** Other encodings would need the header of an array, which a gap can hide. */
const GAP_ENCODINGS: readonly WordEncoding[] = ['limbs-le', 'bytes-be'];

/** 2^64. */
const WORD = 1n << 64n;

/** Words of a number, lowest first; undefined where a word is lost. */
type Words = readonly (bigint | undefined)[];

interface GappedNumber {
  offset: number;
  reading: WordEncoding;
  words: Words;
}

interface GapSearch {
  bytes: RunBytes;
  runs: RunList;
  skippedWork: SkippedWork;
  budget: Budget;
}

export function* primesWithGaps(moduli: readonly Modulus[], search: GapSearch): Generator<KeyFromPart> {
  const pairs = new Effort(search.budget(MAX_PAIRS), search.skippedWork);
  for (const size of new Set(moduli.map(primeWords))) {
    const own = moduli.filter((modulus) => primeWords(modulus) === size);
    const numbers = collect(size, targetsOf(own), search);
    const byLowWord = groupBy(numbers, ({ words }) => words[0]!);
    for (const modulus of own) if (!modulus.solved) yield* liftPairs(modulus, numbers, byLowWord, pairs);
  }
}

const primeWords = ({ n }: Modulus): number => Math.ceil(bitLength(n) / 128);

const PAIRS = {
  search: 'rsa-known-n hole pairs',
  what: 'pairs of numbers with gaps were not tried with a known modulus',
} as const;

/** Lifts every pair whose lowest words match, until the modulus is solved. */
function* liftPairs(
  modulus: Modulus,
  numbers: readonly GappedNumber[],
  byLowWord: ReadonlyMap<bigint, readonly GappedNumber[]>,
  pairs: Effort,
): Generator<KeyFromPart> {
  const low = lowWord(modulus.n);
  const targets = [targetOf(modulus)];
  for (const one of numbers) {
    const otherLow = lowWord(low * inverse(one.words[0]!, WORD)!);
    const others = byLowWord.get(otherLow) ?? [];
    for (const [tried, other] of others.entries()) {
      const [from, to] = [Math.min(one.offset, other.offset), Math.max(one.offset, other.offset)];
      const place = { from, to: to + 8 * one.words.length };
      if (!pairs.spend(1, { ...PAIRS, targets, count: 1, ...place })) {
        const count = others.length - tried - 1;
        pairs.refuse(count, { ...PAIRS, targets, count, ...place });
        break;
      }
      const p = liftPrime(one.words, other.words, modulus.n);
      if (p === undefined) continue;
      const lost = one.words.filter((word) => word === undefined).length * 8;
      const found = { offset: one.offset, length: one.words.length * 8, reading: one.reading };
      yield { ...keyFromPart(modulus, 'p', found, { p }), lost: { bytes: lost, end: 'middle' } };
      if (modulus.solved) return;
    }
  }
}

/**
 * p, if the words of both numbers make n together. With p and q known below word j, p_j * q_0 + q_j * p_0 is
 * known modulo 2^64: that gives a lost word, or confirms both.
 */
export function liftPrime(one: Words, other: Words, n: bigint): bigint | undefined {
  const [p0, q0] = [one[0]!, other[0]!];
  const [p0Inverse, q0Inverse] = [inverse(p0, WORD)!, inverse(q0, WORD)!];
  if (lowWord(p0 * q0) !== lowWord(n)) return undefined;
  let [p, q] = [p0, q0];
  for (let j = 1; j < one.length; j++) {
    const shift = BigInt(64 * j);
    const sum = lowWord((n - p * q) >> shift);
    let [x, y] = [one[j], other[j]];
    if (x === undefined && y === undefined) return undefined;
    x ??= lowWord((sum - y! * p0) * q0Inverse);
    y ??= lowWord((sum - x * q0) * p0Inverse);
    if (lowWord(x * q0 + y * p0) !== sum) return undefined;
    p |= x << shift;
    q |= y << shift;
  }
  return p * q === n && p > 1n && q > 1n ? p : undefined;
}

/**
 * Numbers of `size` words that begin where a run does, end where one does, and have a word between that is no
 * run's.
 */
function collect(
  size: number,
  targets: readonly LimitTarget[],
  { bytes, runs, skippedWork }: GapSearch,
): GappedNumber[] {
  const found: GappedNumber[] = [];
  const skipped = new SkippedRange();
  const open: Run[] = [];
  for (const run of runs) {
    const end = run.offset + run.words * 8;
    open.push(run);
    while (open.length > 0 && open[0]!.offset + size * 8 < end) open.shift();
    const first = open[0];
    if (first === undefined || first.offset + size * 8 !== end) continue;
    if (found.length * size >= MAX_WORDS) skipped.add(first.offset, end);
    else found.push(...gappedNumbers(first.offset, bytes.read(first.offset, size * 8)));
  }
  skipped.report(skippedWork, 'rsa-known-n holes', targets, 'numbers with gaps were not kept');
  return found;
}

function* gappedNumbers(offset: number, stored: Buffer): Generator<GappedNumber> {
  const lost = Array.from(
    { length: stored.length / 8 },
    (_, i) => zeroBytes(stored, i * 8) >= MIN_ZERO_BYTES,
  );
  if (!lost.includes(true)) return;
  for (const reading of GAP_ENCODINGS) {
    const order = [...lost.keys()];
    if (reading === 'bytes-be') order.reverse();
    const words = order.map((i) => {
      if (lost[i]) return undefined;
      return reading === 'limbs-le' ? stored.readBigUInt64LE(i * 8) : stored.readBigUInt64BE(i * 8);
    });
    if (words[0] !== undefined && (words[0] & 1n) === 1n) yield { offset, reading, words };
  }
}
