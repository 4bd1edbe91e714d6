// Numbers that fill their run and whose length is not a multiple of 128 bits: primes of 500, 683 or 1,500
// bits and their moduli. They begin with the run or one word before it, after a quiet word, and end in the
// run's last word or the next. Little-endian limbs end before a zero word or one that cannot belong to a
// number; octets end before zeros; 32-bit integers, most significant first, end where the length before them
// says.

import { isGrey, looksRandom, mayLead, pairScore, score } from './gate.as';
import { ODD, record } from './records.as';
import { BE, INT32, LE, hasSmallFactor, sum, word } from './windows.as';

// Bits of the shortest number, bytes of the longest.
const SHORTEST: i32 = 480;
const LONGEST: i32 = 2048;
// Words of a run. Either end of the number, or both, may lie outside it.
const LEAST_WORDS: i32 = 6;
const MOST_WORDS: i32 = 257;
// Upper bound of the top limb of a number if the entropy net rejects that limb.
const MOST_TOP: u64 = 1 << 48;
// windows.as.ts and own.as.ts cover multiples of this many bytes with the top bit set.
const STEP: i32 = 16;
// Up to this many bytes there are limits for each word, above it for each STEP.
const SHORT: i32 = 128;
const FIRST_GATE: i32 = 64;

let gates: usize = 0; // {i32 most score, i32 least distinct, i32 most pairs, 0} for FIRST_GATE, + STEP, …
let room: usize = 0; // LONGEST + 8 bytes

export function setOdd(gateTable: usize, scratch: usize): void {
  gates = gateTable;
  room = scratch;
}

/** `at`: a complete run of `words` words. */
export function odd(at: usize, words: i32, before: i32, after: i32): void {
  if (words < LEAST_WORDS || words > MOST_WORDS) return;
  begin(at, words << 3, before, after);
  if (before >= 8) begin(at - 8, (words << 3) + 8, before - 8, after + 8);
}

// A number at `p`, whose run ends `length` bytes later.
function begin(p: usize, length: i32, before: i32, after: i32): void {
  if (before >= 8 && !mayLead(p - 8)) return;
  if (before >= 8) integers(p, length, after);
  if (!isGrey(p)) return;
  const behind: u64 = length + 8 <= after ? load<u64>(p + length) : 0;
  if (load<u8>(p) & 1) {
    limbs(p, length);
    if (behind != 0 && (behind < MOST_TOP || isGrey(p + length))) limbs(p, length + 8);
  }
  if (load<u8>(p) == 0) return;
  octets(p, length - <i32>(clz(load<u64>(p + length - 8)) >>> 3));
  // The number may continue in the next word even if this one ends with zero bytes.
  if (behind != 0) octets(p, length + 8 - <i32>(clz(behind) >>> 3));
}

function limbs(p: usize, length: i32): void {
  const top = load<u64>(p + length - 8);
  if (top == 0 || (top >>> 63 != 0 && isTaken(length)) || length > LONGEST) return;
  const bits = (length << 3) - <i32>clz(top);
  if (bits < SHORTEST || !isRandom(p, length - 8)) return;
  if (!hasSmallFactor(p, length >>> 3, LE)) keep(p, LE, 0, bits, load<u64>(p));
}

function octets(p: usize, length: i32): void {
  if ((load<u8>(p + length - 1) & 1) == 0 || length > LONGEST) return;
  if (load<u8>(p) > 127 && isTaken(length)) return;
  number(p, length, BE);
}

// An array of 32-bit integers at `p`, preceded by its length and possibly padding.
function integers(p: usize, length: i32, after: i32): void {
  const count: u32 = reaches(load<u32>(p - 4), length) ? load<u32>(p - 4) : load<u32>(p - 8);
  if (!reaches(count, length)) return;
  const size = <i32>count << 2;
  if (size > after || (load<u32>(p) >>> 31 != 0 && isTaken(size))) return;
  if ((load<u32>(p + size - 4) & 1) != 0 && load<u32>(p) != 0) number(p, size, INT32);
}

// True if `count` integers end within the last word of the run or the next word.
@inline function reaches(count: u32, length: i32): bool {
  return count <= <u32>LONGEST >>> 2 && <i32>count << 2 > length - 8 && <i32>count << 2 <= length + 8;
}

// A big-endian number of `length` bytes.
function number(p: usize, length: i32, reading: i32): void {
  const words = (length + 7) >>> 3;
  const lacking = (words << 3) - length;
  if (length < SHORTEST >>> 3 || !isRandom(p, length - 8)) return;
  store<u64>(room, 0);
  memory.copy(room + lacking, p, length);
  const bits = (words << 6) - <i32>clz(word(room, reading));
  if (bits < SHORTEST || hasSmallFactor(room, words, reading)) return;
  keep(p, reading, lacking, bits, word(p + length - 8, reading));
}

// True for a length that windows.as.ts or own.as.ts covers if the top bit is set.
@inline function isTaken(length: i32): bool {
  return (length & (STEP - 1)) == 0;
}

// Tests all words but the last, which may be short. The prefix sums must cover them.
function isRandom(p: usize, length: i32): bool {
  if (length < SHORT) return looksRandom(p, length & ~7);
  const size = min(length, LONGEST) & ~(STEP - 1);
  const gate = gates + (<usize>((size - FIRST_GATE) / STEP) << 4);
  return score(p, size) <= load<i32>(gate) && pairScore(p, size) <= load<i32>(gate, 8);
}

// Record size: bits.
function keep(p: usize, reading: i32, lacking: i32, bits: i32, low: u64): void {
  store<u64>(record(p, ODD, <u32>reading | (<u32>lacking << 2) | (sum() << 8), <u32>bits, 8), low);
}
