// The entropy net: finds runs of 8-byte words that look random, as a bignum, scalar or seed does among
// ordinary data.
//
// GOOD  = at most 1 zero byte, and the top bits of the 8 bytes are neither all set nor all clear
// SOFT  = at most 2 zero bytes: bridges two GOOD neighbours (keeps 99.9 % of 16-word random numbers whole)
// run   = GOOD words and single SOFT bridges, at least 3 words, whose first or last 32 bytes pass the
//         randomness test
//
// The zero-byte mask and the top-bit mask of a 64-byte block have one byte per word. Both are stored without
// branching. Every 16 KiB they are turned, 16 words at a time, into bit masks of GOOD and SOFT words.
//
// A run that touches an end of the chunk is returned untested and at any length; the code that joins the
// chunks tests it. The words directly before and after the chunk are classified too, so the runs do not
// depend on chunk boundaries.

import { highNibbles, lookUp, mask64 } from './simd.as';

const SHORTEST: u32 = 3;
// Words of the window of the randomness test.
const GATE: u32 = 4;
// Largest score and smallest number of distinct bytes of a window: 99.9 % of random windows pass
// (src/sweep/runs/weights.ts).
const MOST_SCORE: i32 = 16;
const LEAST_DISTINCT: u32 = 24;
// Largest number of bytes with the highest-scoring values (src/sweep/runs/weights.ts): machine code and text have
// more.
const MOST_COMMON: i32 = 12;
// Score limits for digits, whose words all have zero top bits: DIGIT_GATES of the scalar kernel, in its
// order.
const MOST_SCORE_26: i32 = 192;
const MOST_SCORE_28: i32 = 152;
const MOST_SCORE_30: i32 = 64;
const MOST_SCORE_60: i32 = 88;

// Workspace layout: zero-byte and top-bit masks of a stretch of 256 blocks; the `distinct` table; the GOOD
// and SOFT masks, one bit per word of the chunk (1 MiB at most).
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
// Address of the next stretch's masks.
let mask: usize = 0;
let generation: u32 = 0;

// `scoreTable`: i8[256], then the rows of commonBytes. `runs`: one f64 per 4 words of a chunk, and 2 more.
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

// Stores the zero-byte and top-bit masks of a block's 8 words, one bit per byte.
// @ts-ignore: decorator
@inline
export function noteBlock(block: usize, zeros: u64, tops: u64): void {
  const slot = work + (block << 3);
  store<u64>(slot, zeros);
  store<u64>(slot, tops, TOPS);
}

// Resets the masks to those of zero blocks, the initial state of a stretch.
export function clearNotes(): void {
  memory.fill(work, 255, TOPS);
  memory.fill(work + TOPS, 0, TOPS);
}

// Appends the masks of an all-zero stretch.
export function passZeros(blocks: usize): void {
  const bytes = ((blocks + 7) >>> 3) << 3;
  memory.fill(mask, 0, bytes);
  memory.fill(mask + MASK, 0, bytes);
  mask += bytes;
}

// Mask of the bytes of a block that are zero or not ASCII.
// @ts-ignore: decorator
@inline
export function blockOthers(block: usize): u64 {
  const slot = work + (block << 3);
  return load<u64>(slot) | load<u64>(slot, TOPS);
}

// Converts the stretch's byte masks to word masks, 64 words each. `texts`: if not 0, masks of the words of
// ASCII without a zero, and of the pairs of words of ASCII whose other bytes are zero, go there.
export function drainNoise(blocks: usize, texts: usize): void {
  const groups = (blocks + 7) >>> 3;
  for (let slot = work, end = work + (groups << 6); slot < end; slot += 64, mask += 8) {
    let good: u64 = 0, soft: u64 = 0;
    if (texts) {
      let text: u64 = 0;
      for (let pair: usize = 0; pair < 64; pair += 16) {
        const others = v128.or(v128.load(slot + pair), v128.load(slot + pair, TOPS));
        const wide = v128.or(
          i16x8.eq(others, i16x8.splat(<i16>0xaaaa)), i16x8.eq(others, i16x8.splat(0x5555)),
        );
        text |= <u64>i8x16.bitmask(v128.or(isNone(others), wide)) << pair;
      }
      store<u64>(texts, text);
      texts += 8;
    }
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
}

// Clears the lowest set bit of each byte.
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

// Class of a word outside the chunk: 1 if GOOD.
function isGood(p: usize): u64 {
  const word = load<u64>(p);
  const tops = word & 0x8080808080808080;
  if (tops == 0 || tops == 0x8080808080808080) return 0;
  let zeros = 0;
  for (let i: u64 = 0; i < 64; i += 8) zeros += i32(((word >>> i) & 255) == 0);
  return zeros < 2 ? 1 : 0;
}

// Extracts the runs of the chunk from its masks and returns their number.
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
      // clz counts from bit 63: the length of the run that continues in the next group.
      const n = <u32>clz(~(b << (64 - size)));
      open = true;
      start = at + size - n;
      b = n < 64 ? b & (((<u64>1) << (size - n)) - 1) : 0;
    }
    // At the start of the chunk even a single word may be the end of a run.
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
    // A four-word number may have lost its first word (top bits all alike), its last, or half of each.
    const first32 = looksRandom(p) || (length < GATE && (looksRandom(p - 8) || looksRandom(p - 4)));
    if (!first32 && (length <= GATE || !looksRandom(p + (<usize>(length - GATE) << 3)))) return;
  }
  store<f64>(out + (<usize>count << 3), (firstWord + <f64>from) * ID + <f64>length);
  count++;
}

// Randomness test of a 32-byte window. The count of common bytes rejects nearly all, at a fifth of the
// scores' cost.
function looksRandom(p: usize): bool {
  const a = v128.load(p), b = v128.load(p, 16);
  const all = v128.or(a, b);
  const most = mostScore(i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1));
  if (most == MOST_SCORE && <i32>popcnt(commonBytes(a) | (commonBytes(b) << 16)) > MOST_COMMON) return false;
  return scoreOf(a, b) <= most && distinct(p) >= LEAST_DISTINCT;
}

// `bits`: OR of all words of the window.
// @ts-ignore: decorator
@inline
function mostScore(bits: u64): i32 {
  if (bits >>> 62 != 0) return MOST_SCORE;
  if ((bits & 0xf8000001f8000001) == 0) return MOST_SCORE_26;
  if ((bits & 0xf0000000f0000000) == 0) return MOST_SCORE_28;
  if ((bits & 0xc0000000c0000000) == 0) return MOST_SCORE_30;
  return bits >>> 60 == 0 ? MOST_SCORE_60 : MOST_SCORE;
}

// Mask of the common bytes. Two rows of 16, one for values below 128 and one for the rest, map the low nibble
// to a bit set of high nibbles; a third row maps the high nibble to its bit. A strict swizzle returns 0 for
// indices above 127.
// @ts-ignore: decorator
@inline
function commonBytes(x: v128): u32 {
  const index = v128.and(x, i8x16.splat(<i8>0x8f));
  const below = i8x16.swizzle(v128.load(scores, 256), index);
  const above = i8x16.swizzle(v128.load(scores, 272), v128.xor(index, i8x16.splat(<i8>0x80)));
  const bit = lookUp(v128.load(scores, 288), highNibbles(x));
  return <u32>i8x16.bitmask(i8x16.eq(v128.and(v128.or(below, above), bit), bit));
}

// Sum of the 32 bytes' scores, looked up in rows of 16 entries: an index outside the row gives 0.
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
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
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
