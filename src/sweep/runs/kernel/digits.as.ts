// Digit sequences inside runs: 30 bits in 4 bytes (CPython), 28 bits in 4 bytes, 60 in 8 (libtommath), 63 in
// 8 (Go), and up to 28 bits in 4 as V8 small integers under pointer compression (twice the value). The bits
// above a digit are zero. One digit in `least` is tested first, as in Boyer-Moore. A sequence of less than
// 512 bits counts only if a number of 256 or 384 bits fits into it.

import { digitsLookRandom, zeroBytes, isIntArray } from './gate.as';
import { DIGITS, record, LONG } from './records.as';

// Numbers of a curve's size stored as digits: 30 bits in 4 bytes (CPython's int) or 60 bits in 8 (libtommath,
// used by dropbear). Each has an object of its own, with a length or header before the first digit. The last
// digit holds the remaining bits.


// Encodings in the order of src/search/core/integer-encodings.ts.
const DIGITS30: u32 = 3;
const DIGITS60: u32 = 4;

/**
 * Writes a record for each size and digit width that fits at `p`, as whole little-endian words. `end`: end of
 * the readable bytes. `headed`: the word before is readable.
 */
export function curveDigits(p: usize, end: usize, flags: u32, headed: bool): void {
  if (p + 32 > end) return;
  if (load<u32>(p) >>> 30 == 0 && load<u32>(p, 4) >>> 30 == 0) sizes(p, end, 2, 30, flags | (DIGITS30 << 2), 16, headed);
  if (load<u64>(p) >>> 60 == 0) sizes(p, end, 3, 60, flags | (DIGITS60 << 2), 18, headed);
}

// `log`: log2 of a digit's bytes. `slack`: by how much a word with digits may exceed the score limit of
// random words. The number of consecutive digits decides the size: a shorter number would end earlier.
function sizes(p: usize, end: usize, log: u32, bits: u32, detail: u32, slack: i32, headed: bool): void {
  let q = p;
  while (q + (1 << log) <= end && digit(q, log) >>> bits == 0) q += 1 << log;
  const count = <u32>((q - p) >>> log);
  number(p, count, curveDigitsDigitsOf(256, bits), log, bits, 256, 32, detail, slack);
  number(p, count, curveDigitsDigitsOf(320, bits), log, bits, 320, 40, detail, slack);
  number(p, count, curveDigitsDigitsOf(384, bits), log, bits, 384, 48, detail, slack);
  number(p, count, curveDigitsDigitsOf(512, bits) - (headed && log == 2 && isShort(p) ? 1 : 0), log, bits, 512, 64, detail, slack);
  number(p, count, curveDigitsDigitsOf(521, bits), log, bits, 521, 72, detail, slack);
}

@inline function curveDigitsDigitsOf(total: u32, bits: u32): u32 {
  return (total + bits - 1) / bits;
}

// A 512-bit number has two bits in its eighteenth digit. If they are zero (3 in 8 for Brainpool) and the
// digit is missing, the header says so: as a count, or shifted left by 3 (CPython 3.12, lv_tag).
@inline function isShort(p: usize): bool {
  return isIntArray(p, 17) || isIntArray(p, 17 << 3);
}

function number(
  p: usize, count: u32, length: u32, log: u32, bits: u32, total: u32, size: u32, detail: u32, slack: i32,
): void {
  if (count < length) return;
  const last = digit(p + (<usize>(length - 1) << log), log);
  if (last == 0 || last >>> (total - (length - 1) * bits) != 0) return;
  const window: i32 = size < 48 ? 32 : 48;
  if (!digitsLookRandom(p, window, slack * (window >>> 3), 0)) return;
  pack(p, length, log, bits, record(p, LONG, detail, size, size), size);
}

function pack(p: usize, count: u32, log: u32, bits: u32, out: usize, size: usize): void {
  const behind = out + size;
  let word: u64 = 0;
  let shift: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = digit(p + (<usize>i << log), log);
    word |= value << shift;
    shift += bits;
    if (shift < 64) continue;
    store<u64>(out, word);
    out += 8;
    shift -= 64;
    word = value >>> (bits - shift);
  }
  if (out < behind) store<u64>(out, word);
}

@inline function digit(p: usize, log: u32): u64 {
  return log == 2 ? <u64>load<u32>(p) : load<u64>(p);
}

// Most zero bytes of a word that can still hold digits; most bytes added on either side of a run.
const MOST_ZEROS: i32 = 2;
const MOST_BYTES: i32 = 2048;
// Sample for the randomness test: skips a header's word and the last digit, at most as long as the shortest
// sequence.
const SKIP: usize = 8;
const SAMPLE: usize = 48;
// A 28-bit digit has 16 possible top bytes, a 30-bit digit 64, so a sample scores this much higher.
const TOPS_28: u32 = 0xf0000000;
const SLACK_28: i32 = 196;
// Additional slack for shorter samples, whose score varies more.
const SLACK_SHORT: i32 = 12;
// Most digits between an end of the sequence and a number in it.
const BESIDE: i32 = 2;
// In a sample of 26-bit digits 12 bytes have only eight values, so it has this many fewer distinct bytes.
const FEWER: i32 = 4;
// The bit above a 63-bit digit.
const HALF: u32 = 0x80000000;

/**
 * Writes a record for each digit sequence of a piece. The entropy net loses some digits because their top
 * bits are zero, so the piece is extended on both sides over words with few zero bytes, and by one possibly
 * short last digit.
 */
export function digits(at: usize, words: i32, before: i32, after: i32): void {
  const low = at - min(before, MOST_BYTES);
  const high = at + min(after, words * 8 + MOST_BYTES) - 8;
  let start = at;
  while (start - 8 >= low && zeroBytes(start - 8) <= MOST_ZEROS) start -= 8;
  let end = min(at + (words << 3), high);
  while (end < high && zeroBytes(end) <= MOST_ZEROS) end += 8;
  end = min(end + 8, high);
  stretches(start, end, 4, 0, 0xc0000000, 30, 0, 64);
  stretches(start, end, 8, 4, 0xf0000000, 60, 1, 108);
  stretches(start, end, 8, 4, HALF, 63, 2, 32);
  // An array of small integers can begin in the middle of a word, after a 32-bit length.
  stretches(max(start - 4, low), end, 4, 0, 0xe0000001, 28, 3, 264);
}

// A digit's 32-bit word at offset `upper` must have no bit of `zero` set. `slack`: allowance above the score
// limit (a byte with few possible values scores high, and a sample of 26-bit digits has 12 of them).
function stretches(
  start: usize, end: usize, stride: usize, upper: usize, zero: u32, bits: i32, form: u32, slack: i32,
): void {
  const least = <usize>digitsOf(256, bits);
  const long = digitsOf(512, bits);
  for (let p = start; p + least * stride <= end; ) {
    // Test from the last digit of the shortest sequence at p backwards: a mismatch excludes all starts before
    // it.
    let q = p + (least - 1) * stride;
    while (q >= p && (load<u32>(q + upper) & zero) == 0) q -= stride;
    if (q >= p) {
      p = q + stride;
      continue;
    }
    let behind = p + least * stride;
    while (behind + stride <= end && (load<u32>(behind + upper) & zero) == 0) behind += stride;
    // Half of all words fit 63 bits, so such a sequence must begin or end next to a word that the net
    // rejected.
    const stands = zero != HALF || p <= start + 2 * stride || behind + 2 * stride >= end;
    const count = <i32>((behind - p) / stride);
    if (stands && (count >= long || holdsNumber(p, count, stride, bits, form)) && isRandom(p, behind - stride, form, slack))
      record(p, DIGITS, form, count, 0);
    p = behind + stride;
  }
}

@inline function digitsOf(total: i32, bits: i32): i32 {
  return (total + bits - 1) / bits;
}

// Tests the digits from `p` to `last` for randomness.
function isRandom(p: usize, last: usize, form: u32, slack: i32): bool {
  const length = min(SAMPLE, (last - p - SKIP) & ~7);
  let fewer = form == 0 || form == 2 ? 0 : FEWER;
  if (form == 0 && isBelow(p + SKIP, length, TOPS_28)) {
    slack = SLACK_28;
    fewer = FEWER;
  }
  if (length < SAMPLE) slack = slack * <i32>length / <i32>SAMPLE + SLACK_SHORT;
  return digitsLookRandom(p + SKIP, length, slack, fewer);
}

function isBelow(p: usize, length: usize, tops: u32): bool {
  for (let q = p, end = p + length; q < end; q += 4) if ((load<u32>(q) & tops) != 0) return false;
  return true;
}

// True if a number of 256 or 384 bits, or an exponent below it, can lie at an end of the sequence: its last
// digit has only the remaining bits. Digits of forms 0 and 3 may be narrower (28 and 26 bits).
function holdsNumber(p: usize, count: i32, stride: usize, bits: i32, form: u32): bool {
  return fits(p, count, stride, bits, form, 256) || fits(p, count, stride, bits, form, 384) ||
    (form == 0 && (fits(p, count, stride, 28, form, 256) || fits(p, count, stride, 28, form, 384))) ||
    (form == 3 && (fits(p, count, stride, 26, form, 256) || fits(p, count, stride, 26, form, 384)));
}

function fits(p: usize, count: i32, stride: usize, bits: i32, form: u32, total: i32): bool {
  const length = digitsOf(total, bits);
  const left = <u64>(total - (length - 1) * bits) + u64(form == 3);
  for (let i = 0; i <= count - length; i++) {
    if (i > BESIDE && i < count - length - BESIDE) continue;
    const q = p + <usize>(i + length - 1) * stride;
    const digit = stride == 4 ? <u64>load<u32>(q) : load<u64>(q);
    if (digit != 0 && digit >>> left == 0) return true;
  }
  return false;
}
