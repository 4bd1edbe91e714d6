// Characters of values: [A-Za-z0-9+/_-]. Tables of src/sweep/values/random.ts.

import { classOf, highNibbles, lowNibbles, mask64 } from './simd.as';
import { looksRandom } from './value-score.as';

// Records of runs that look random, for the census of values: u32 MurmurHash3 (x86, 32 bits, seed 0) of the
// characters, u16 their number, u8 kinds, u8 0. Twin of src/detect/chance/value-record.ts.


const RECORD: usize = 8;
const LONGEST: usize = 1024;
// Characters that stand for a block of a long run.
const SHOWN: usize = 64;

let out: usize = 0;
let next: usize = 0;

// `records`: 8 bytes for each run of values.
export function setCensus(records: usize): void {
  out = records;
  next = records;
}

export function openCensus(): void {
  next = out;
}

// Bytes of all records of the chunk.
export function censusBytes(): usize {
  return next - out;
}

// A character before the rest that equals its length is that length: a string of msgpack or protobuf.
export function countValue(text: usize, length: usize): void {
  if (<usize>load<u8>(text) == length - 1) {
    text++;
    length--;
  }
  record(text, length, length);
}

// Counts each whole block of 1,024 characters of a long run that looks random, as one of that length.
// `offset`: that of the first character, since blocks are aligned.
export function countBlocks(from: usize, to: usize, offset: f64): void {
  const into = <usize>(<u64>offset & (LONGEST - 1));
  for (let p = from + ((LONGEST - into) & (LONGEST - 1)); p + LONGEST <= to; p += LONGEST)
    if (looksRandom(p, SHOWN)) record(p, SHOWN, LONGEST);
}

function record(text: usize, shown: usize, length: usize): void {
  store<u32>(next, hash(text, shown));
  store<u32>(next, <u32>length | (kindsOf(text, text + shown) << 16), 4);
  next += RECORD;
}

function kindsOf(text: usize, stop: usize): u32 {
  let all: u32 = 0;
  for (let p = text; p < stop; p++) all |= kindOf(p);
  return all;
}

function hash(text: usize, length: usize): u32 {
  let sum: u32 = 0;
  const words = text + (length & ~3);
  for (let p = text; p < words; p += 4) sum = rotl<u32>(sum ^ mixed(load<u32>(p)), 13) * 5 + 0xe6546b64;
  const rest = <u32>(length & 3);
  if (rest != 0) sum ^= mixed(load<u32>(words) & ((1 << (rest << 3)) - 1));
  sum ^= <u32>length;
  sum = (sum ^ (sum >>> 16)) * 0x85ebca6b;
  sum = (sum ^ (sum >>> 13)) * 0xc2b2ae35;
  return sum ^ (sum >>> 16);
}

// @ts-ignore: decorator
@inline
function mixed(word: u32): u32 {
  return rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593;
}

// Kinds of + / _ -, and of _ - alone.
const SEPARATORS: u32 = 192;
const JOINTS: u32 = 128;

// Classes of bytes: 1 is one of + - /, 2 a digit, 4 and 8 upper case, 16 the underscore, 32 and 64 lower
// case.
export const UPPER: i8 = 12;
export const LOWER: i8 = 96;
export const DIGIT: i8 = 2;
export const SEPARATOR: i8 = 17;

// u8[256] kinds.
let kinds: usize = 0;

export function setKinds(table: usize): void {
  kinds = table;
}

// @ts-ignore: decorator
@inline
export function classesOf(x: v128): v128 {
  const low = i8x16(74, 110, 110, 110, 110, 110, 110, 110, 110, 110, 108, 37, 36, 37, 36, 53);
  const high = i8x16(0, 0, 1, 2, 4, 24, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0);
  return classOf(low, high, lowNibbles(x), highNibbles(x));
}

// All bits of each byte that is no character of a value.
// @ts-ignore: decorator
@inline
export function others(x: v128): v128 {
  return i8x16.eq(classesOf(x), i8x16.splat(0));
}

// @ts-ignore: decorator
@inline
export function bitmask(p: usize): u32 {
  return <u32>i8x16.bitmask(others(v128.load(p)));
}

// @ts-ignore: decorator
@inline
export function maskOf(classes: v128, bits: i8): u32 {
  return <u32>i8x16.bitmask(i8x16.ne(v128.and(classes, i8x16.splat(bits)), i8x16.splat(0)));
}

// @ts-ignore: decorator
@inline
export function kindOf(p: usize): u32 {
  return <u32>load<u8>(kinds + <usize>load<u8>(p));
}

// @ts-ignore: decorator
@inline
export function isCharacter(p: usize): bool {
  return kindOf(p) != 0;
}

// @ts-ignore: decorator
@inline
export function characters64(p: usize): u64 {
  return ~mask64(
    others(v128.load(p)), others(v128.load(p, 16)), others(v128.load(p, 32)), others(v128.load(p, 48)),
  );
}

// @ts-ignore: decorator
@inline
export function isSeparator(p: usize): bool {
  return (kindOf(p) & SEPARATORS) != 0;
}

// @ts-ignore: decorator
@inline
export function isJoint(p: usize): bool {
  return kindOf(p) == JOINTS;
}
