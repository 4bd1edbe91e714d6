// Digit sequences inside runs: 30 bits in 4 bytes (CPython), 28 bits in 4 bytes, 60 in 8 (libtommath), 63 in
// 8 (Go), and up to 28 bits in 4 as V8 small integers under pointer compression (twice the value). The bits
// above a digit are zero. One digit in `least` is tested first, as in Boyer-Moore. A sequence of less than
// 512 bits counts only if a number of 256 or 384 bits fits into it.

import { digitsLookRandom, zeroBytes } from './gate.as';
import { DIGITS, record } from './records.as';

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
