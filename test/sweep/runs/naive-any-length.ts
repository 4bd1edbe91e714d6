import { looksRandom } from '../../../src/search/core/randomness-test.js';
import type { Run } from '../../../src/search/core/types.js';
import type { Extracted } from './extracted.js';
import { mayBeFactor, READINGS, scoresLow, sumOf, type Tally } from './naive-windows.js';
import { isGrey, isQuiet, partsOf, wordsBeyond } from './naive-words.js';

const [LE, BE, INT32] = [0, 1, 2];
/** The hash of CPython's `bytes` before it is computed. */
const ALL_ONES = 2n ** 64n - 1n;

/**
 * Numbers that fill their run but not their words, or have an unusual length: every possible start with every
 * possible end.
 */
export function naiveAnyLength(data: Buffer, run: Run, left: Tally): Extracted[] {
  const found: Extracted[] = [];
  for (const { offset, words, starts, ends } of partsOf(data, run)) {
    if (!starts || !ends) continue;
    const end = offset + (words + wordsBeyond(data, run)) * 8;
    for (const at of [offset - 8, offset]) {
      if (at < 0 || !leads(data, at - 8)) continue;
      for (const behind of endsOfIntegers(data, at, end)) number(at, behind, INT32);
      if (!isGrey(data, at)) continue;
      for (const behind of endsOfLimbs(data, end)) number(at, behind, LE);
      for (const behind of data[at] === 0 ? [] : endsOfOctets(data, end)) number(at, behind, BE);
    }
  }
  return found;

  function number(at: number, behind: number, reading: number): void {
    const length = behind - at;
    if (length <= 0 || length > 2048) return;
    const bytes = data.subarray(at, behind);
    const bigEndian = READINGS[reading]!(bytes);
    const value = BigInt(`0x${bigEndian.toString('hex')}`);
    const bits = value.toString(2).length;
    // Those of 128 bits, or a multiple, have another kind of record.
    if (bits < 480 || (bits === length * 8 && bits % 128 === 0)) return;
    // The first int is never zero, nor the highest limb.
    if (bits <= length * 8 - (reading === BE ? 8 : reading === LE ? 64 : 32)) return;
    if (!randomBut(bytes) || !mayBeFactor(value, left)) return;
    const lacking = -length & 7;
    const low = Buffer.from(bigEndian.subarray(-8)).reverse().toString('hex');
    found.push({
      ...{ kind: 'anyLength', offset: at, detail: reading | (lacking << 2) },
      ...{ sum: sumOf(value), size: bits, value: low },
    });
  }

  /** Its words but for the last, of long ones by twos. */
  function randomBut(bytes: Buffer): boolean {
    const length = bytes.length - 8;
    const size = length - (length % (length < 128 ? 8 : 16));
    const judged = bytes.subarray(0, size);
    return size < 128 ? looksRandom(judged, 0, size) : scoresLow(judged, left);
  }
}

/** A number may begin behind this word. */
function leads(data: Buffer, at: number): boolean {
  return isQuiet(data, at) || data.readBigUInt64LE(at) === ALL_ONES;
}

/** Where the next word is zero or no number's, or behind a word that may be the highest one. */
function endsOfLimbs(data: Buffer, end: number): number[] {
  if (end + 8 > data.length) return [end];
  const top = data.readBigUInt64LE(end);
  return top !== 0n && (top < 2n ** 48n || isGrey(data, end)) ? [end, end + 8] : [end];
}

/** Where zeros follow up to a word's end, or there: within the last word, or the one behind it. */
function endsOfOctets(data: Buffer, end: number): number[] {
  const found: number[] = [];
  for (let behind = end - 7; behind <= Math.min(end + 8, data.length); behind++) {
    const wordEnd = behind <= end ? end : end + 8;
    if (wordEnd > data.length) break;
    if (data[behind - 1] !== 0 && data.subarray(behind, wordEnd).every((byte) => byte === 0))
      found.push(behind);
  }
  return found;
}

/** Where the length before an array says, if that is within the last word or the one behind it. */
function endsOfIntegers(data: Buffer, at: number, end: number): number[] {
  if (at < 8) return [];
  const ends = [4, 8].map((back) => at + data.readUInt32LE(at - back) * 4);
  const behind = ends.find((behind) => behind > end - 8 && behind <= end + 8);
  return behind !== undefined && behind <= data.length ? [behind] : [];
}
