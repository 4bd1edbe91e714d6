import { zeroBytes } from '../../../src/search/core/randomness-test.js';
import type { Run } from '../../../src/search/core/types.js';
import { pairLimit, pairScores, SCORES, scoreLimit } from '../../../src/sweep/runs/limits.js';
import { FITTED, HEADED, INNER } from '../../../src/sweep/runs/records.js';
import type { Extracted } from './extracted.js';
import { isArray, isFitted, isGood, isGrey, isQuiet, partsOf, wordsBeyond } from './naive-words.js';

/** Words of primes and moduli of the usual lengths. */
export const USUAL = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256];
/** What divides half the pairs of the join. */
export const SMALL_PRIMES = Array.from({ length: 54 }, (_, i) => 2 * i + 3)
  .filter((n, _, all) => all.every((p) => p >= n || n % p !== 0))
  .concat(257);
const PRODUCT = SMALL_PRIMES.reduce((product, p) => product * BigInt(p), 1n);
/** Any odd number would do. */
const MIX = 0x9e3779b97f4a7c15n;

/** Readings by the encoding's code in a record: to big-endian bytes. */
export const READINGS: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => Buffer.from(bytes).reverse(),
  (bytes) => Buffer.from(bytes),
  (bytes) => (bytes.length % 4 === 0 ? Buffer.from(bytes).swap32() : bytes),
];

/** What was left out, and why. */
export type Tally = (why: string) => void;

/** Odd and without a small prime factor. */
export function mayBeFactor(value: bigint, left: Tally): boolean {
  if (value % 2n === 0n) return false;
  const small = value % PRODUCT;
  const divisors = SMALL_PRIMES.filter((p) => small % BigInt(p) === 0n);
  if (divisors.length === 1) left(`divided by ${divisors[0]} alone`);
  return divisors.length === 0;
}

/** Of a number's words, added up modulo 2^64 - 1, of which only zero is zero. */
export function sumOf(value: bigint): number {
  const most = 2n ** 64n - 1n;
  return Number((((((value - 1n) % most) + 1n) * MIX) & most) >> 48n);
}

/** The bytes and their neighbours score as those of noise do. */
export function scoresLow(bytes: Buffer, left: Tally): boolean {
  const score = bytes.reduce((sum, byte) => sum + SCORES[byte]!, 0);
  const pairs = pairScores();
  const pairScore = bytes.subarray(1).reduce((sum, byte, i) => sum + pairs[bytes[i]! * 256 + byte]!, 0);
  const [high, highPairs] = [score > scoreLimit(bytes.length), pairScore > pairLimit(bytes.length)];
  if (high !== highPairs) left(high ? 'its bytes score high' : 'its pairs score high');
  return !high && !highPairs;
}

/** Windows of a run that may be a whole big integer, each looked at on its own. */
export function naiveWindows(data: Buffer, run: Run, left: Tally): Extracted[] {
  const found: Extracted[] = [];
  for (const { offset, words, starts, ends } of partsOf(data, run)) {
    const length = words + (ends ? wordsBeyond(data, { offset, words }) : 0);
    const end = offset + length * 8;
    const first = offset - (starts ? wordsAhead(data, offset) : 0) * 8;
    const last = ends && isGrey(data, end) ? end + 8 : end;
    // Runs of more than 96 words have numbers only at their ends, next to a word with zero bytes.
    const long = length > 96;
    const head = !long || (starts && [offset - 8, offset - 16].some((at) => isQuiet(data, at)));
    const tail = !long || (ends && [end, end + 8].some((at) => isQuiet(data, at)));
    for (const size of USUAL.map((words) => words * 8))
      for (let at = first; at + size <= last; at += 8) {
        const edge = (head && at <= offset + 8) || (tail && at + size >= end - 8);
        if (!edge && (long || size < 64)) continue;
        window(at, size, edge, true);
        // Java and DER write a zero before a number whose top bit is set.
        if (data[at] === 0 && at + 1 + size <= data.length) window(at + 1, size, edge, false);
      }
  }
  return found;

  function window(at: number, size: number, edge: boolean, aligned: boolean): void {
    const bytes = data.subarray(at, at + size);
    const headed = edge && aligned && at >= 8 && zeroBytes(data, at - 8) >= 5 ? HEADED : 0;
    const fitted = aligned && isFitted(data, at, size) ? FITTED : 0;
    for (const [reading, bigEndian] of READINGS.entries()) {
      const number = bigEndian(bytes);
      if (number[0]! < 128 || number.at(-1)! % 2 === 0) continue;
      if (reading === 2 && !(aligned && isArray(data, at, size / 4))) continue;
      const value = BigInt(`0x${number.toString('hex')}`);
      if (!scoresLow(bytes, left) || !mayBeFactor(value, left)) continue;
      const detail = reading | (edge ? 0 : INNER) | headed | fitted;
      const low = Buffer.from(number.subarray(-8)).reverse().toString('hex');
      found.push({ kind: 'window', offset: at, detail, sum: sumOf(value), size: size / 8, value: low });
    }
  }
}

/**
 * Words before a run that may belong to a number: one, or three or four of which the nearest two are not
 * random.
 */
function wordsAhead(data: Buffer, offset: number): number {
  if ([8, 16].every((back) => isGrey(data, offset - back)) && isGood(data, offset - 24))
    return isGood(data, offset - 32) ? 4 : 3;
  // A zero may be the sign of a number that begins behind it.
  const signed = offset >= 8 && data[offset - 8] === 0 && isGrey(data, offset - 7);
  return signed || isGrey(data, offset - 8) ? 1 : 0;
}
