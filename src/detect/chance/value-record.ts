import { KINDS, LONGEST_RUN } from '../../sweep/values/random.js';

/**
 * Record of a run of characters that looks random, of two 32-bit words: MurmurHash3 (Appleby, x86, 32 bits,
 * seed 0) of its characters, then `length | kinds << 16`. Twin of sweep/kernel/value-census.as.ts.
 */

/** Bytes of a record. */
export const RECORD_BYTES = 8;

export const lengthOf = (shape: number): number => shape & 0xffff;
export const kindsOf = (shape: number): number => shape >>> 16;

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
const mixed = (word: number): number => Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);

function murmur3(bytes: Uint8Array, start: number, length: number): number {
  let sum = 0;
  const end = start + length;
  let word = 0;
  for (let at = start; at < end; at++) {
    const index = (at - start) & 3;
    word |= bytes[at]! << (8 * index);
    if (index === 3) {
      sum = (Math.imul(rotated(sum ^ mixed(word), 13), 5) + 0xe6546b64) | 0;
      word = 0;
    }
  }
  if ((length & 3) !== 0) sum ^= mixed(word);
  sum ^= length;
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}

/** The record of the run [start, end) of `text`, one byte a character: hash and shape. */
export function recordOf(text: Uint8Array, start: number, end: number): [hash: number, shape: number] {
  let length = Math.min(end - start, LONGEST_RUN);
  let first = start;
  // A character that equals the length of the rest is that length: a string of msgpack or protobuf.
  if (text[first] === length - 1) {
    first++;
    length--;
  }
  let kinds = 0;
  for (let at = first; at < first + length; at++) kinds |= KINDS[text[at]!]!;
  return [murmur3(text, first, length), length | (kinds << 16)];
}
