// The randomness test. Twin of src/search/core/randomness-test.ts; scores are prefix sums, computed once per
// piece.

let scores: usize = 0; // i8[256]
let pairs: usize = 0; // i8[65536], index: first byte * 256 + second byte
let gates: usize = 0; // {i32 most score, i32 least distinct, i32 most pairs, 0} for 0, 8, 16 … 128 bytes
let sums: usize = 0; // from `first` on: {i32 score of the preceding bytes, i32 of the preceding pairs}
let seen: usize = 0; // u32[256]
let generation: u32 = 0;
let first: usize = 0;

export function setGate(scoreTable: usize, pairTable: usize, gateTable: usize, sumTable: usize, seenTable: usize): void {
  scores = scoreTable;
  pairs = pairTable;
  gates = gateTable;
  sums = sumTable;
  seen = seenTable;
}

/** Computes the prefix sums over [from, to), which score() and pairScore() use. */
export function openSums(from: usize, to: usize): void {
  first = from;
  let sum: i32 = 0;
  let both: i32 = 0;
  let out = sums;
  // No window ends with the first byte, so its pair does not matter.
  let pair: usize = 0;
  for (let p = from; p < to; p++, out += 8) {
    store<i32>(out, sum);
    store<i32>(out, both, 4);
    const byte = <usize>load<u8>(p);
    pair = ((pair << 8) | byte) & 0xffff;
    sum += <i32>load<i8>(scores + byte);
    both += <i32>load<i8>(pairs + pair);
  }
  store<i32>(out, sum);
  store<i32>(out, both, 4);
}

@inline export function score(p: usize, length: usize): i32 {
  const at = sums + ((p - first) << 3);
  return load<i32>(at + (length << 3)) - load<i32>(at);
}

@inline export function pairScore(p: usize, length: usize): i32 {
  const at = sums + ((p - first) << 3);
  return load<i32>(at + (length << 3), 4) - load<i32>(at, 12);
}

function distinct(p: usize, length: usize): i32 {
  generation++;
  let count = 0;
  for (let end = p + length; p < end; p++) {
    const slot = seen + (<usize>load<u8>(p) << 2);
    count += i32(load<u32>(slot) != generation);
    store<u32>(slot, generation);
  }
  return count;
}

/** Test for digits, outside the prefix sums: score limit plus `slack`, distinct-byte limit minus `fewer`. */
export function digitsLookRandom(p: usize, length: usize, slack: i32, fewer: i32): bool {
  const gate = gates + (length << 1);
  return scoreOf(p, length) <= load<i32>(gate) + slack && distinct(p, length) >= load<i32>(gate, 4) - fewer;
}

/** {@link looksRandom} for a window of any length outside the prefix sums, with explicit limits. */
export function looksRandomIn(p: usize, length: usize, most: i32, least: i32, mostPairs: i32): bool {
  if (scoreOf(p, length) > most) return false;
  let sum: i32 = 0;
  for (let q = p, end = p + length - 1; q < end; q++) sum += <i32>load<i8>(pairs + <usize>bswap<u16>(load<u16>(q)));
  return sum <= mostPairs && distinct(p, length) >= least;
}

function scoreOf(p: usize, length: usize): i32 {
  let sum: i32 = 0;
  for (let q = p, end = p + length; q < end; q++) sum += <i32>load<i8>(scores + <usize>load<u8>(q));
  return sum;
}

/** `length`: a multiple of 8, up to 128. The prefix sums must cover the window. */
export function looksRandom(p: usize, length: usize): bool {
  const gate = gates + (length << 1);
  if (score(p, length) > load<i32>(gate) || pairScore(p, length) > load<i32>(gate, 8)) return false;
  return distinct(p, length) >= load<i32>(gate, 4);
}

// The score limits of src/sweep/kernel/noise.as.ts, in its order.
const MOST_SCORE_26: i32 = 192;
const MOST_SCORE_28: i32 = 152;
const MOST_SCORE_30: i32 = 64;
const MOST_SCORE_60: i32 = 88;

/** True if 32 bytes are digits of one form and otherwise look random. The prefix sums must cover them. */
export function looksLikeDigits(p: usize): bool {
  const bits = load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24);
  let most: i32;
  if ((bits & 0xf8000001f8000001) == 0) most = MOST_SCORE_26;
  else if ((bits & 0xf0000000f0000000) == 0) most = MOST_SCORE_28;
  else if ((bits & 0xc0000000c0000000) == 0) most = MOST_SCORE_30;
  else if (bits >>> 60 == 0) most = MOST_SCORE_60;
  else return false;
  return score(p, 32) <= most && distinct(p, 32) >= load<i32>(gates, 68);
}

/**
 * True if 32 bytes are digits of 60 bits, or of 30 bits or fewer. False positives: 1 in 30,000 random
 * windows.
 */
export function isDigits(p: usize): bool {
  const bits = load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24);
  return (bits & 0xc0000000c0000000) == 0 || bits >>> 60 == 0;
}

@inline export function zeroBytes(p: usize): i32 {
  const x = load<u64>(p);
  const low: u64 = 0x7f7f7f7f7f7f7f7f;
  return <i32>popcnt(~(((x & low) + low) | x | low));
}

/**
 * True if the word may be the end of a number, missed by the entropy net for its top bits or two zero
 * bytes. Pointers, which neighbour numbers in every heap, have their zero bytes at one end.
 */
export function isGrey(p: usize): bool {
  const zeros = zeroBytes(p);
  return zeros <= 1 || (zeros == 2 && load<u16>(p) != 0 && load<u16>(p, 6) != 0);
}

/** The entropy net's class GOOD. */
export function isGood(p: usize): bool {
  const tops = popcnt(load<u64>(p) & 0x8080808080808080);
  return tops != 0 && tops != 8 && zeroBytes(p) <= 1;
}

/**
 * True if the length of an array of `integers` 32-bit integers precedes `p`, possibly followed by padding.
 * Only runtimes that check bounds store numbers as integer arrays, most significant first, and their heap
 * objects have this header.
 */
@inline export function isIntArray(p: usize, integers: u32): bool {
  return load<u32>(p - 4) == integers || load<u32>(p - 8) == integers;
}

/**
 * True if the header of an object of `length` bytes directly precedes `p`. Either its count in bytes or
 * integers, as a word or in the upper half of one (arrays of Java, .NET and V8) or before the hash of a
 * `bytes`; or the size of a glibc malloc chunk, header and flags included, for that many bytes or a few more
 * (malloc/malloc.c). Of 160,000 numbers in 1 GB of programs and libraries 400 have one; most numbers of keys
 * do.
 */
export function isFitted(p: usize, length: u32, before: i32): bool {
  if (before < 8) return false;
  const header = load<u64>(p - 8);
  const upper = <u32>(header >>> 32);
  const lower = <u32>header;
  const count = upper != 0 ? upper : lower;
  if (count == length || count == length >>> 2 || count == length >>> 3) return true;
  if (upper == 0 && (lower & 10) == 0 && lower >= length + 8 && lower <= length + (length >>> 2) + SPARE) return true;
  return before >= 16 && load<u64>(p - 16) == <u64>length;
}

/**
 * A 16-bit hash of the header word before `p`: of its count, or of its upper half (an address, or a count
 * stored there). 0 if the word is not quiet. Numbers are unlikely to be keys if very many share a header.
 */
export function headerKind(p: usize): u32 {
  const header = load<u64>(p - 8);
  const upper = header >>> 32;
  if (upper != 0xffffffff && !isQuiet(p - 8)) return 0;
  const kind = upper == 0 ? header << 1 : (upper << 1) | 1;
  return max<u32>(1, <u32>((kind * MIX) >>> 48));
}

/** True if the word is not part of a number: a length, a header, a pointer, padding. */
@inline export function isQuiet(p: usize): bool {
  return zeroBytes(p) >= 2;
}

/** Most bytes that a malloc chunk may have beyond its number: spare words of a growable big integer. */
const SPARE: u32 = 64;
/** Odd multiplier of the multiplicative hash (2^64 / golden ratio). */
const MIX: u64 = 0x9e3779b97f4a7c15;
const ALL_ONES: u64 = 0xffffffffffffffff;

/**
 * True if a number may begin after the word at `p`: it is quiet, or all ones. CPython keeps the hash of a
 * `bytes` directly before its octets; it is -1 until first used (Include/cpython/bytesobject.h).
 */
@inline export function mayLead(p: usize): bool {
  return isQuiet(p) || load<u64>(p) == ALL_ONES;
}

/**
 * True if the word at `p` is the length in octets of one or two numbers of a curve. A `bytes` has it before
 * its hash, which looks random once computed.
 */
@inline export function isLength(p: usize): bool {
  const length = load<u64>(p);
  return length == 32 || length == 40 || length == 48 || length == 64 || length == 66;
}
