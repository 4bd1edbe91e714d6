// Stretches of digits inside runs: 30 bits in 4 bytes (CPython), or 28 (libtommath), 60 and 63 bits in 8 (libtommath, Go), 28 bits and fewer
// in 4 as V8's small integers where pointers are compressed (twice the value). What stands beside a digit's own bits is zero; of a stretch
// one digit in `least` is looked at before all are. A stretch of less than 512 bits counts only where a number of 256 or 384 fits in.

import { digitsLookRandom, zeroBytes } from './gate.as';
import { DIGITS, record } from './records.as';

// Zero bytes of a word that still holds digits, and bytes that are taken in beside a run at most.
const MOST_ZEROS: i32 = 2;
const MOST_BYTES: i32 = 2048;
// What the gate sees of a stretch: behind a header's word, before the last digit, and no longer than the shortest one.
const SKIP: usize = 8;
const SAMPLE: usize = 48;
// Digits of 28 bits have 16 values in a byte of four, where those of 30 have 64: a sample scores so much more.
const TOPS_28: u32 = 0xf0000000;
const SLACK_28: i32 = 196;
// Samples of so few bytes vary more.
const SLACK_SHORT: i32 = 12;
// Digits at either end of a stretch beside a number in it.
const BESIDE: i32 = 2;
// Of the bytes of a sample of digits of 26 bits 12 have eight values: so many fewer are distinct.
const FEWER: i32 = 4;
// Above digits of 63 bits.
const HALF: u32 = 0x80000000;

/**
 * A record for each stretch of a piece. Digits have fewer top bits than other words, so that the net loses some of theirs and ends
 * its run early: on both sides what has few zeros is taken in, and the last digit, which may be short.
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
  // An array of small integers may begin in the middle of a word, whose other half is its length.
  stretches(max(start - 4, low), end, 4, 0, 0xe0000001, 28, 3, 264);
}

// The 32 bits that stand `upper` bytes into a digit of so many `bits` have none of those in `zero`. `slack`: a byte with
// few values scores high, and digits of 26 bits have 12 of them in a sample.
function stretches(
  start: usize, end: usize, stride: usize, upper: usize, zero: u32, bits: i32, form: u32, slack: i32,
): void {
  const least = <usize>digitsOf(256, bits);
  const long = digitsOf(512, bits);
  for (let p = start; p + least * stride <= end; ) {
    // From the last digit of the shortest stretch at p back to p: where one is none, no stretch begins before it.
    let q = p + (least - 1) * stride;
    while (q >= p && (load<u32>(q + upper) & zero) == 0) q -= stride;
    if (q >= p) {
      p = q + stride;
      continue;
    }
    let behind = p + least * stride;
    while (behind + stride <= end && (load<u32>(behind + upper) & zero) == 0) behind += stride;
    // Half of all words may be digits of 63 bits: theirs begin or end beside a word that is none of random ones.
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

// The digits from `p` to the last one look random.
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

// A number of 256 or 384 bits, or an exponent below it, may stand at an end of so few digits: its last one has no more than the bits that are left.
// Digits of forms 0 and 3 may have fewer.
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
