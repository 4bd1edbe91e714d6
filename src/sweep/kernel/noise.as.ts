// The entropy net: runs of 8-byte words that look random, as a bignum, a scalar or a seed does between two quiet words.
//
// GOOD  = at most 1 zero byte, and of the 8 top bits at least one set and one not
// SOFT  = at most 2 zero bytes: bridges two GOOD neighbours (99.9 % of 16-word random numbers stay whole)
// run   = GOOD words and single SOFT bridges, 3 words and more, whose first or last 32 bytes look random (the gate)
//
// The zero bytes of a block of 64 as one bit each make a byte a word, and so do its top bits: both are stored without a branch. Every
// 16 KiB they are drained, 16 words at a time, as bit masks of GOOD and SOFT words.
//
// A run that touches an end of the chunk leaves ungated and whatever its length: whoever joins the chunks gates it. The word
// before the chunk and the one behind it are read to class them, so that the runs do not depend on how a file is cut.

import { highNibbles, lookUp, mask64 } from './simd.as';

const SHORTEST: u32 = 3;
// Words of the window that the gate reads.
const GATE: u32 = 4;
// A window's score may not be over this, and it must have so many distinct bytes: 99.9 % of random windows pass (src/noise.ts).
const MOST_SCORE: i32 = 16;
const LEAST_DISTINCT: u32 = 24;
// A window may have so many bytes of the values that score highest (src/noise/weights.ts): machine code and text have more.
const MOST_COMMON: i32 = 12;
// The scores of digits, whose top bits are zero in all words: DIGIT_GATES of src/noise/weights.ts, in their order.
const MOST_SCORE_26: i32 = 192;
const MOST_SCORE_28: i32 = 152;
const MOST_SCORE_30: i32 = 64;
const MOST_SCORE_60: i32 = 88;

// The workspace: notes on a stretch of 256 blocks, zero bytes then top bits; the gate's memory of bytes seen; a bit a word of the
// chunk (1 MiB at most), GOOD then SOFT.
const TOPS: usize = 264 * 8;
const SEEN: usize = 2 * TOPS;
const MASKS: usize = SEEN + 1024;
const MASK: usize = 2048 * 8 + 64;

const ID: f64 = 16777216;

let work: usize = 0;
let scores: usize = 0;
let out: usize = 0;
let count: u32 = 0;

let first: usize = 0;
let words: u32 = 0;
let firstWord: f64 = 0;
// Where the masks of the next stretch go.
let mask: usize = 0;
let generation: u32 = 0;

// `scoreTable`: i8[256], then the rows of isCommon; `runs` has room for one f64 for every 4 words of a chunk, and 2 more.
export function setNoise(workspace: usize, scoreTable: usize, runs: usize): void {
  work = workspace;
  scores = scoreTable;
  out = runs;
  clearNotes();
}

export function openNoise(buffer: usize, length: usize, offset: f64): void {
  first = buffer;
  words = <u32>((length + 7) >>> 3);
  firstWord = offset / 8;
  count = 0;
  mask = work + MASKS;
}

// The 8 words of a stretch's block: their zero bytes and their top bits, one bit a byte.
// @ts-ignore: decorator
@inline
export function noteBlock(block: usize, zeros: u64, tops: u64): void {
  const slot = work + (block << 3);
  store<u64>(slot, zeros);
  store<u64>(slot, tops, TOPS);
}

// Notes of blocks of zeros, which are what a stretch begins with.
function clearNotes(): void {
  memory.fill(work, 255, TOPS);
  memory.fill(work + TOPS, 0, TOPS);
}

// The masks of a stretch of zeros.
export function passZeros(blocks: usize): void {
  const bytes = ((blocks + 7) >>> 3) << 3;
  memory.fill(mask, 0, bytes);
  memory.fill(mask + MASK, 0, bytes);
  mask += bytes;
}

// Turns a stretch's notes into masks of 64 words.
export function drainNoise(blocks: usize): void {
  const groups = (blocks + 7) >>> 3;
  for (let slot = work, end = work + (groups << 6); slot < end; slot += 64, mask += 8) {
    let good: u64 = 0, soft: u64 = 0;
    for (let pair: usize = 0; pair < 64; pair += 16) {
      const rest = dropOne(v128.load(slot + pair));
      const tops = v128.load(slot + pair, TOPS);
      const random = v128.andnot(isNone(rest), v128.or(isNone(tops), isNone(v128.not(tops))));
      good |= <u64>i8x16.bitmask(random) << pair;
      soft |= <u64>i8x16.bitmask(isNone(dropOne(rest))) << pair;
    }
    store<u64>(mask, good);
    store<u64>(mask, soft, MASK);
  }
  clearNotes();
}

// Bytes as sets of 8: clears the lowest member of each.
// @ts-ignore: decorator
@inline
function dropOne(x: v128): v128 {
  return v128.and(x, i8x16.sub(x, i8x16.splat(1)));
}

// @ts-ignore: decorator
@inline
function isNone(x: v128): v128 {
  return i8x16.eq(x, i8x16.splat(0));
}

// The class of a word beside the chunk.
function isGood(p: usize): u64 {
  const word = load<u64>(p);
  const tops = word & 0x8080808080808080;
  if (tops == 0 || tops == 0x8080808080808080) return 0;
  let zeros = 0;
  for (let i: u64 = 0; i < 64; i += 8) zeros += i32(((word >>> i) & 255) == 0);
  return zeros < 2 ? 1 : 0;
}

// The runs of the whole chunk, from its masks. Answers how many there are.
export function closeNoise(): u32 {
  const good = work + MASKS, soft = good + MASK;
  let before = isGood(first - 8);
  let open = false;
  let start: u32 = 0;
  for (let at: u32 = 0; at < words; at += 64) {
    const slot = <usize>at >>> 3;
    let g = load<u64>(good + slot);
    if (g == 0 && !open) {
      before = 0;
      continue;
    }
    const size = min<u32>(64, words - at);
    const behind = size + at < words ? load<u64>(good + slot, 8) & 1 : isGood(first + (<usize>words << 3));
    if (size < 64) g &= ((<u64>1) << size) - 1;
    let b = g | (load<u64>(soft + slot) & ((g << 1) | before) & ((g >>> 1) | (behind << (size - 1))));
    before = g >>> 63;
    if (size < 64) b &= ((<u64>1) << size) - 1;
    if (open) {
      const n = <u32>ctz(~b);
      if (n >= size) continue;
      emit(start, at + n - start);
      b = (b >>> n) << n;
      open = false;
    }
    if ((b >>> (size - 1)) & 1) {
      // clz counts from bit 63: the run that goes on behind these words.
      const n = <u32>clz(~(b << (64 - size)));
      open = true;
      start = at + size - n;
      b = n < 64 ? b & (((<u64>1) << (size - n)) - 1) : 0;
    }
    // At the chunk's start even a single word may be the end of a run.
    if (at == 0 && b & 1) {
      const n = ctz(~b);
      emit(0, <u32>n);
      b = (b >>> n) << n;
    }
    for (let r = b & (b >>> 1) & (b >>> 2); r != 0; ) {
      const t = ctz(r), n = ctz(~(b >>> t));
      emit(at + <u32>t, <u32>n);
      r = (r >>> (t + n)) << (t + n);
    }
  }
  if (open) emit(start, words - start);
  return count;
}

function emit(from: u32, length: u32): void {
  const edge = from == 0 || from + length >= words;
  if (!edge) {
    if (length < SHORTEST) return;
    const p = first + (<usize>from << 3);
    // A number of four words may have lost its first one, whose top bits are all alike, or its last, or half of each.
    const first32 = looksRandom(p) || (length < GATE && (looksRandom(p - 8) || looksRandom(p - 4)));
    if (!first32 && (length <= GATE || !looksRandom(p + (<usize>(length - GATE) << 3)))) return;
  }
  store<f64>(out + (<usize>count << 3), (firstWord + <f64>from) * ID + <f64>length);
  count++;
}

// A window of 32 bytes. Nearly all end at the count of common bytes, for a fifth of what the scores cost.
function looksRandom(p: usize): bool {
  const a = v128.load(p), b = v128.load(p, 16);
  const all = v128.or(a, b);
  const most = mostScore(i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1));
  if (most == MOST_SCORE && <i32>popcnt(commonBytes(a) | (commonBytes(b) << 16)) > MOST_COMMON) return false;
  return scoreOf(a, b) <= most && distinct(p) >= LEAST_DISTINCT;
}

// `bits`: those that are set in any word of the window.
// @ts-ignore: decorator
@inline
function mostScore(bits: u64): i32 {
  if (bits >>> 62 != 0) return MOST_SCORE;
  if ((bits & 0xf8000001f8000001) == 0) return MOST_SCORE_26;
  if ((bits & 0xf0000000f0000000) == 0) return MOST_SCORE_28;
  if ((bits & 0xc0000000c0000000) == 0) return MOST_SCORE_30;
  return bits >>> 60 == 0 ? MOST_SCORE_60 : MOST_SCORE;
}

// A bit for each byte that is common: one row of 16 by the low nibble for values below 128 and one for the others, in each entry
// a bit for each high nibble, and a row of these bits. A strict swizzle gives 0 for an index above 127.
// @ts-ignore: decorator
@inline
function commonBytes(x: v128): u32 {
  const index = v128.and(x, i8x16.splat(<i8>0x8f));
  const below = i8x16.swizzle(v128.load(scores, 256), index);
  const above = i8x16.swizzle(v128.load(scores, 272), v128.xor(index, i8x16.splat(<i8>0x80)));
  const bit = lookUp(v128.load(scores, 288), highNibbles(x));
  return <u32>i8x16.bitmask(i8x16.eq(v128.and(v128.or(below, above), bit), bit));
}

// Sum of the 32 bytes' scores, looked up 16 entries at a time: an index outside the row gives 0.
function scoreOf(a: v128, b: v128): i32 {
  const row16 = i8x16.splat(16);
  let sumA = i8x16.splat(0), sumB = sumA;
  for (let row = scores, end = scores + 256; row < end; row += 16) {
    const table = v128.load(row);
    sumA = i8x16.add(sumA, i8x16.swizzle(table, a));
    sumB = i8x16.add(sumB, i8x16.swizzle(table, b));
    a = i8x16.sub(a, row16);
    b = i8x16.sub(b, row16);
  }
  const pairs = i16x8.add(i16x8.extadd_pairwise_i8x16_s(sumA), i16x8.extadd_pairwise_i8x16_s(sumB));
  const sums = i32x4.extadd_pairwise_i16x8_s(pairs);
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}

function distinct(p: usize): u32 {
  let seen: u32 = 0;
  generation++;
  for (let i: usize = 0; i < 32; i++) {
    const slot = work + SEEN + (<usize>load<u8>(p + i) << 2);
    seen += u32(load<u32>(slot) != generation);
    store<u32>(slot, generation);
  }
  return seen;
}
