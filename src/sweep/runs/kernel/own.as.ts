// Numbers that fill a run and that windows.as.ts misses: they begin after a zero byte and a length of one or
// two bytes, at any byte of the run's first word or of the word before it, or have an unusual length. Any
// multiple of 128 bits from 512 to 16,384 with which the number ends within a word of the run's end. Twin of
// `runFillingNumbers` in src/search/rsa/run-filling-numbers.ts.

import { isGrey, isIntArray, looksRandomIn } from './gate.as';
import { record, WINDOW } from './records.as';
import { BE, INT32, LE, hasSmallFactor, isUsual, sum, word } from './windows.as';

/** Record detail of such a window. */
const OWN: u32 = 0x20;
const SHORTEST: i32 = 64;
const LONGEST: i32 = 2048;
const STEP: i32 = 16;
/** Most bytes of a length between the zero and the number. */
const MOST_HEADER: i32 = 2;
/** Bytes before a run, and of its first word, in which the zero may lie. */
const MOST_BEFORE: i32 = 16;
const FIRST_WORD: i32 = 8;

let gates: usize = 0; // {i32 most score, i32 least distinct, i32 most pairs, 0} for SHORTEST, + STEP, …

export function setOwn(gateTable: usize): void {
  gates = gateTable;
}

/** `at`: a complete run of `words` words. */
export function own(at: usize, words: i32, before: i32, after: i32): void {
  const length = words << 3;
  if (length < SHORTEST - 8 || length > LONGEST + 8) return;
  const first = 1 - min(MOST_BEFORE, before);
  for (let x = min(first, -8); x < FIRST_WORD + 1 + MOST_HEADER; x++) {
    const header = headerBefore(at, x, before);
    if (header < 0) continue;
    // The only multiple of STEP that ends within a word of the run's end.
    const size = (length - 8 - x + STEP) & ~(STEP - 1);
    if (size < SHORTEST || size > LONGEST || x + size > after) continue;
    const p = at + x;
    if (header > 0 && !isLengthOf(p - header, header, size)) continue;
    if (((x & 7) == 0 || (x == 1 && load<u8>(at) == 0)) && isUsual(size >>> 3)) continue;
    examine(p, size, before + x >= 8);
  }
}

// Bytes of the length before a number at `x`, or -1 if none can begin there. It can begin at the run, at a
// word before it that the entropy net missed, or after a zero byte and a length.
function headerBefore(at: usize, x: i32, before: i32): i32 {
  if (x == 0 || (x == -8 && before >= 8 && isGrey(at - 8))) return 0;
  for (let header = 0; header <= MOST_HEADER; header++) {
    const zero = x - 1 - header;
    if (zero < -min(MOST_BEFORE, before) || zero >= FIRST_WORD) continue;
    if (load<u8>(at + zero) == 0 && load<u8>(at + zero + 1) != 0) return header;
  }
  return -1;
}

// True if the length is `size`, one more (a sign byte), or `size` in bits as OpenPGP counts (RFC 9580, 3.2).
function isLengthOf(p: usize, bytes: i32, size: i32): bool {
  const value: i32 = bytes == 1 ? load<u8>(p) : (<i32>load<u8>(p) << 8) | load<u8>(p, 1);
  return value == size || value == size + 1 || (value + 7) >> 3 == size;
}

function examine(p: usize, size: i32, readable: bool): void {
  const first: u32 = load<u8>(p);
  const last: u32 = load<u8>(p + size - 1);
  const le = (first & 1) != 0 && last > 127;
  const be = (last & 1) != 0 && first > 127;
  const int32 = load<u8>(p + 3) > 127 && (load<u8>(p + size - 4) & 1) != 0 && readable && isIntArray(p, <u32>size >>> 2);
  if (!le && !be && !int32) return;
  const gate = gates + (<usize>((size - SHORTEST) / STEP) << 4);
  if (!looksRandomIn(p, size, load<i32>(gate), load<i32>(gate, 4), load<i32>(gate, 8))) return;
  if (le) keep(p, size, LE);
  if (be) keep(p, size, BE);
  if (int32) keep(p, size, INT32);
}

function keep(p: usize, size: i32, reading: i32): void {
  const words = size >>> 3;
  if (hasSmallFactor(p, words, reading)) return;
  const low = word(reading == LE ? p : p + size - 8, reading);
  store<u64>(record(p, WINDOW, <u32>reading | OWN | (sum() << 8), <u32>words, 8), low);
}
