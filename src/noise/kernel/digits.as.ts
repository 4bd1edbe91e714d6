// Stretches of digits inside runs: 30 bits in 4 bytes (CPython), 60 and 63 bits in 8 (libtommath, Go), 28 bits and fewer in 4 as V8's
// small integers where pointers are compressed (twice the value). What stands beside a digit's own bits is zero; of a stretch
// one digit in `least` is looked at before all are.

import { digitsLookRandom, zeroBytes } from './gate.as';
import { DIGITS, record } from './records.as';

// Zero bytes of a word that still holds digits, and bytes that are taken in beside a run at most.
const MOST_ZEROS: i32 = 2;
const MOST_BYTES: i32 = 2048;
// What the gate sees of a stretch: behind a header's word, before the last digit, and no longer than the shortest one.
const SKIP: usize = 8;
const SAMPLE: usize = 48;
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
  stretches(start, end, 4, 0, 0xc0000000, 18, 0, 64);
  stretches(start, end, 8, 4, 0xf0000000, 9, 1, 108);
  stretches(start, end, 8, 4, HALF, 9, 2, 32);
  // An array of small integers may begin in the middle of a word, whose other half is its length.
  stretches(max(start - 4, low), end, 4, 0, 0xe0000001, 19, 3, 264);
}

// The 32 bits that stand `upper` bytes into a digit have none of those in `zero`; `least` digits make 512 bits. `slack`: a byte with
// few values scores high, and digits of 26 bits have 12 of them in a sample.
function stretches(
  start: usize, end: usize, stride: usize, upper: usize, zero: u32, least: usize, form: u32, slack: i32,
): void {
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
    if (stands && digitsLookRandom(p + SKIP, SAMPLE, slack, form == 0 || form == 2 ? 0 : FEWER)) record(p, DIGITS, form, <u32>((behind - p) / stride), 0);
    p = behind + stride;
  }
}
