// Finds windows of a run that look like a whole RSA integer of s words (s * 64 bits).
//
//   low word odd, top bit set           little-endian limbs, big-endian bytes or Java int[] after its length
//   scores below the size's limits      random bytes and pairs score low, code and tables high (gate.as.ts)
//   no prime factor up to 109, nor 257  halves the pairs of the join
//
// Trial division by sums: words add up mod 2^64 - 1 = 3 * 5 * 17 * 257 * ..., which rejects half of all
// numbers. For the other primes, 32-bit limb i has weight 2^(32 i) modulo the product of three to five of
// them. Such a product is below 2^23, so that the sums of 512 limbs stay below 2^64. Primes pass, and so do
// products of two: the test accepts p, q and n.

import { isFitted, isGood, isGrey, isIntArray, isQuiet, pairScore, score, zeroBytes } from './gate.as';
import { record, WINDOW } from './records.as';

export const LE: i32 = 0;
export const BE: i32 = 1;
export const INT32: i32 = 2;
/** Shorter numbers are too common: they are tried only at the edges of runs. */
const LEAST_DENSE: i32 = 8;
/** Up to this many words all windows of a run are tried (numbers without a gap), above it only its edges. */
const DENSE: i32 = 96;
/** Detail of a window that neither begins nor ends at an edge of its run. */
const INNER: u32 = 0x80;
/**
 * Detail of a window after a word with at least SMALL zero bytes: a small integer, as before a heap object.
 */
const HEADED: u32 = 0x10;
/** Detail of a window whose preceding header fits its length (gate.as.ts). */
const FITTED: u32 = 0x40;
const SMALL: i32 = 5;
/** Longest run, in words, that is continued over two rejected words. */
const LONGEST: i32 = 256;
/**
 * Most words added after the run: the longest remainder of a number. Two more words are readable to detect
 * the end.
 */
const MOST_BEYOND: i32 = 254;
/** Limbs of the largest window. */
const LIMBS: i32 = 512;
/** Odd multiplier of the multiplicative hash. */
const MIX: u64 = 0x9e3779b97f4a7c15;

let sizes: usize = 0; // {u32 words, i32 most score, i32 most pair score, 0}[count], ascending
let count: i32 = 0;
let weights: usize = 0; // u32[7][LIMBS]
// Sum of the last window's words: distinguishes copies from other numbers with the same low word.
let total: u64 = 0;

const P0: u64 = 7 * 11 * 13 * 31 * 41;
const P1: u64 = 19 * 23 * 29 * 61;
const P2: u64 = 37 * 43 * 47 * 53;
const P3: u64 = 59 * 67 * 71;
const P4: u64 = 73 * 79 * 83;
const P5: u64 = 89 * 97 * 101;
const P6: u64 = 103 * 107 * 109;

export function setWindows(sizeTable: usize, sizeCount: i32, weightTable: usize): void {
  sizes = sizeTable;
  count = sizeCount;
  weights = weightTable;
  weigh(0, P0);
  weigh(1, P1);
  weigh(2, P2);
  weigh(3, P3);
  weigh(4, P4);
  weigh(5, P5);
  weigh(6, P6);
}

/** True for sizes tried at every position of a run. */
export function isUsual(words: i32): bool {
  for (let k = 0; k < count; k++) if (load<i32>(sizes + (k << 4)) == words) return true;
  return false;
}

function weigh(row: i32, product: u64): void {
  let power: u64 = 1;
  for (let i = 0; i < LIMBS; i++) {
    store<u32>(weights + (<usize>(row * LIMBS + i) << 2), <u32>power);
    power = (power << 32) % product;
  }
}

@inline export function word(p: usize, reading: i32): u64 {
  const w = load<u64>(p);
  return reading == LE ? w : reading == BE ? bswap<u64>(w) : rotl<u64>(w, 32);
}

export function hasSmallFactor(p: usize, s: i32, reading: i32): bool {
  let sum: u64 = 0;
  for (let q = p, end = p + (s << 3); q < end; q += 8) {
    const w = word(q, reading);
    sum += w;
    sum += u64(sum < w);
  }
  total = sum;
  if (sum % 3 == 0 || sum % 5 == 0 || sum % 17 == 0 || sum % 257 == 0) return true;
  let r = rest(p, s, reading, 0, P0);
  if (r % 7 == 0 || r % 11 == 0 || r % 13 == 0 || r % 31 == 0 || r % 41 == 0) return true;
  r = rest(p, s, reading, 1, P1);
  if (r % 19 == 0 || r % 23 == 0 || r % 29 == 0 || r % 61 == 0) return true;
  r = rest(p, s, reading, 2, P2);
  if (r % 37 == 0 || r % 43 == 0 || r % 47 == 0 || r % 53 == 0) return true;
  r = rest(p, s, reading, 3, P3);
  if (r % 59 == 0 || r % 67 == 0 || r % 71 == 0) return true;
  r = rest(p, s, reading, 4, P4);
  if (r % 73 == 0 || r % 79 == 0 || r % 83 == 0) return true;
  r = rest(p, s, reading, 5, P5);
  if (r % 89 == 0 || r % 97 == 0 || r % 101 == 0) return true;
  r = rest(p, s, reading, 6, P6);
  return r % 103 == 0 || r % 107 == 0 || r % 109 == 0;
}

@inline function rest(p: usize, s: i32, reading: i32, row: i32, product: u64): u32 {
  let sum: u64 = 0;
  let weight = weights + (<usize>(row * LIMBS) << 2);
  const end = weight + (<usize>s << 3);
  const step: usize = reading == LE ? 8 : -8;
  for (let q = reading == LE ? p : p + ((s - 1) << 3); weight < end; q += step, weight += 8) {
    const w = word(q, reading);
    sum += (w & 0xffffffff) * <u64>load<u32>(weight) + (w >>> 32) * <u64>load<u32>(weight, 4);
  }
  return <u32>(sum % product);
}

/** 16-bit hash of the last number's word sum. */
export function sum(): u32 {
  return <u32>((total * MIX) >>> 48);
}

// `before`: readable bytes before `p`, or 0 if no header can end there.
function examine(p: usize, s: i32, gate: usize, edge: bool, before: i32): void {
  const readable = before >= 8;
  const first = load<u64>(p);
  const last = load<u64>(p + ((s - 1) << 3));
  let passed: i32 = 0;
  if ((first & 1) != 0 && (last >>> 63) != 0) passed |= 1;
  if (((last >>> 56) & 1) != 0 && ((first >>> 7) & 1) != 0) passed |= 2;
  if (((last >>> 32) & 1) != 0 && ((first >>> 31) & 1) != 0 && readable && isIntArray(p, <u32>s << 1)) passed |= 4;
  if (passed == 0 || score(p, s << 3) > load<i32>(gate, 4) || pairScore(p, s << 3) > load<i32>(gate, 8)) return;
  let place: u32 = edge ? (readable && zeroBytes(p - 8) >= SMALL ? HEADED : 0) : INNER;
  if (isFitted(p, <u32>s << 3, before)) place |= FITTED;
  for (let reading = LE; reading <= INT32; reading++) {
    if (!(passed & (1 << reading)) || hasSmallFactor(p, s, reading)) continue;
    const low = word(reading == LE ? p : p + ((s - 1) << 3), reading);
    store<u64>(record(p, WINDOW, <u32>reading | place | (sum() << 8), <u32>s, 8), low);
  }
}

/**
 * Number of words by which a run continues over two adjacent rejected words (the net bridges single ones).
 * One in a thousand 1,024-bit numbers has two such words, so one key in 250. `most`: readable words.
 */
export function wordsBeyond(words: i32, end: usize, most: i32): i32 {
  if (words > LONGEST || most < 3 || !isGrey(end) || !isGrey(end + 8)) return 0;
  let n = 2;
  for (const stop = min(most, MOST_BEYOND); n < stop; n++) {
    const p = end + (<usize>n << 3);
    if (!isGood(p) && (n + 1 == stop || !isBridge(p))) break;
  }
  return n > 2 ? n : 0;
}

@inline function isBridge(p: usize): bool {
  return isGood(p - 8) && isGood(p + 8) && zeroBytes(p) <= 2;
}

// The same before a run: too few words to be a run of their own.
function wordsAhead(run: usize, before: i32): i32 {
  if (before < 24 || !isGrey(run - 8) || !isGrey(run - 16) || !isGood(run - 24)) return 0;
  return before >= 32 && isGood(run - 32) ? 4 : 3;
}

/**
 * Tries the windows of a piece. They may begin in the word before the run and end in the word after it, if
 * those words may belong to the number. A window whose first byte is zero is also tried one byte later: Java
 * and DER write a zero before a number whose top bit is set. At an edge of a long run, a quiet word must be
 * adjacent, as for a heap object: most long runs are compressed data.
 */
export function windows(run: usize, words: i32, before: i32, after: i32, starts: bool, ends: bool): void {
  const behind = run + (words << 3);
  const ahead = starts ? wordsAhead(run, before) : 0;
  const from = ahead > 0 ? -ahead : starts && before >= 8 && mayBegin(run - 8) ? -1 : 0;
  const to = ends && after >= words * 8 + 8 && isGrey(behind) ? words + 1 : words;
  const long = words > DENSE;
  const head = !long || (starts && (before < 16 || isQuiet(run - 8) || isQuiet(run - 16)));
  const tail = !long || (ends && (after < words * 8 + 16 || isQuiet(behind) || isQuiet(behind + 8)));
  for (let k = 0; k < count; k++) {
    const gate = sizes + (k << 4);
    const s = load<i32>(gate);
    if (to - from < s) return;
    const last = to - s;
    // Windows up to `start` begin within a word of the run's start; from `end` on they end within a word of
    // its end.
    const start = head ? min(1, last) : from - 1;
    const end = tail ? max(start + 1, words - s - 1) : last + 1;
    const inside = !long && s >= LEAST_DENSE;
    for (let i = from; i <= last; i++) {
      const edge = i <= start || i >= end;
      if (!edge && !inside) {
        i = end - 1;
        continue;
      }
      const p = run + (i << 3);
      examine(p, s, gate, edge, before + (i << 3));
      if (load<u8>(p) == 0 && ((i + s) << 3) < after) examine(p + 1, s, gate, edge, 0);
    }
  }
}

// True if the word may be a number's first: few zero bytes, or one more if a zero precedes the number.
export function mayBegin(p: usize): bool {
  return isGrey(p) || (load<u8>(p) == 0 && isGrey(p + 1));
}
