import { digitsLookRandom, looksRandom, zeroBytes } from '../../../src/search/core/randomness-test.js';
import type { Run } from '../../../src/search/core/types.js';

/**
 * Classes of words in and around a run, and its ends. Bytes outside the data are zero and part of no number.
 */

const fits = (data: Buffer, at: number, length: number) => at >= 0 && at + length <= data.length;

/** No part of a number: a length, a header, a pointer, padding. */
export const isQuiet = (data: Buffer, at: number): boolean => zeroBytes(data, at) >= 2;

/** May be the end of a number: two zero bytes at most, which do not begin or end the word. */
export function isGrey(data: Buffer, at: number): boolean {
  if (!fits(data, at, 8)) return false;
  const zeros = [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => data[at + i] === 0).join('');
  return zeros.length < 2 || (zeros.length === 2 && zeros !== '01' && zeros !== '67');
}

/** The net takes it for random. */
export function isGood(data: Buffer, at: number): boolean {
  if (!fits(data, at, 8)) return false;
  const tops = data.subarray(at, at + 8).filter((byte) => byte > 127).length;
  return tops > 0 && tops < 8 && zeroBytes(data, at) < 2;
}

/** It follows the length of an array of 32-bit integers, possibly with padding. */
export function isArray(data: Buffer, at: number, integers: number): boolean {
  return at >= 8 && [4, 8].some((back) => data.readUInt32LE(at - back) === integers);
}

/**
 * It follows the header of an object of its length: a count, a hash behind one, or the size of a chunk with
 * its flags.
 */
export function isFitted(data: Buffer, at: number, length: number): boolean {
  if (at < 8) return false;
  const [lower, upper] = [data.readUInt32LE(at - 8), data.readUInt32LE(at - 4)];
  const counts = [length, Math.floor(length / 4), Math.floor(length / 8)];
  if (counts.includes(upper === 0 ? lower : upper)) return true;
  const [chunk, flags] = [lower - (lower % 16), lower % 16];
  const most = length + Math.floor(length / 4) + 64;
  if (upper === 0 && [0, 1, 4, 5].includes(flags) && lower >= length + 8 && chunk + flags <= most)
    return true;
  return at >= 16 && data.readBigUInt64LE(at - 16) === BigInt(length);
}

/** The 32 bytes look random, or as the digits of some number. */
function looksLikeNumber(data: Buffer, at: number): boolean {
  if (!fits(data, at, 32)) return false;
  if (looksRandom(data, at, 32)) return true;
  const all = Array.from({ length: 8 }, (_, i) => data.readUInt32LE(at + i * 4));
  if (all.every((word) => word % 2 === 0 && word < 2 ** 27)) return digitsLookRandom(data, at, 32, 192 - 16);
  if (all.every((word) => word < 2 ** 28)) return digitsLookRandom(data, at, 32, 152 - 16);
  if (all.every((word) => word < 2 ** 30)) return digitsLookRandom(data, at, 32, 64 - 16);
  return all.every((word, i) => i % 2 === 0 || word < 2 ** 28) && digitsLookRandom(data, at, 32, 88 - 16);
}

/** A part of a run, and which of its ends are those of the run. */
interface Part extends Run {
  starts: boolean;
  ends: boolean;
}

/** Parts of a run: all of it, or its first and last 512 words, if they look random at an end of the run. */
export function partsOf(data: Buffer, { offset, words }: Run): Part[] {
  // A long run that follows no word with zero bytes is compressed data.
  if (words > 96 && !isQuiet(data, offset - 8) && !isQuiet(data, offset - 16)) return [];
  const [all, edge] = [{ offset, words, starts: true, ends: true }, 512];
  const last = offset + (words - edge) * 8;
  const parts =
    words <= 2 * edge
      ? [all]
      : [
          { ...all, words: edge, ends: false },
          { ...all, words: edge, offset: last, starts: false },
        ];
  return parts.filter(({ offset, words, starts, ends }) => {
    const end = offset + words * 8 - 32;
    const places =
      words < 4 ? [offset - 8, offset - 4, offset] : [starts ? offset : end, ends ? end : offset];
    return places.some((at) => looksLikeNumber(data, at));
  });
}

/**
 * Words that continue a run behind two adjacent words that are not random, single ones
 * bridged as in any run: no more than the largest number (256 words) has behind any three, and none behind
 * runs that are longer than it.
 */
export function wordsBeyond(data: Buffer, { offset, words }: Run): number {
  const end = offset + words * 8;
  if (words > 256 || !isGrey(data, end) || !isGrey(data, end + 8)) return 0;
  let last = 1;
  for (let i = 2; i < 254 && i - last <= 2; i++) {
    const bridged = i === last + 2 && last > 1 && zeroBytes(data, end + i * 8 - 8) <= 2;
    if (isGood(data, end + i * 8) && (i === last + 1 || bridged)) last = i;
  }
  return last > 1 ? last + 1 : 0;
}
