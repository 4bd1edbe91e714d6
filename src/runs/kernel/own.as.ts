// Numbers that have a run to themselves and are none of those that windows.as.ts gives: they begin behind a zero byte and a length of a byte or two, at any
// byte of the word before the run or of its first one, or have a length that few keys have. Any multiple of 128 bits, from 512 to 16,384, with which
// such a number ends within a word of the run's end. The twin of `ownNumbers` in src/numbers/rsa/own-windows.ts.

import { isGrey, isIntArray, looksRandomIn } from './gate.as';
import { record, WINDOW } from './records.as';
import { BE, INT32, LE, hasSmallFactor, isUsual, sum, word } from './windows.as';

/** Detail of such a window. */
const OWN: u32 = 0x20;
const SHORTEST: i32 = 64;
const LONGEST: i32 = 2048;
const STEP: i32 = 16;
/** Bytes of a length that may stand between a zero and a number. */
const MOST_HEADER: i32 = 2;
/** Bytes before a run in which a zero may stand, and those of its first word. */
const MOST_BEFORE: i32 = 16;
const FIRST_WORD: i32 = 8;

let gates: usize = 0; // {i32 most score, i32 least distinct, i32 most score of pairs, 0} for SHORTEST, SHORTEST + STEP …

export function setOwn(gateTable: usize): void {
  gates = gateTable;
}

/** `at`: a run of `words` words that lies here as a whole. */
export function own(at: usize, words: i32, before: i32, after: i32): void {
  const length = words << 3;
  if (length < SHORTEST - 8 || length > LONGEST + 8) return;
  const first = 1 - min(MOST_BEFORE, before);
  for (let x = min(first, -8); x < FIRST_WORD + 1 + MOST_HEADER; x++) {
    const header = headerBefore(at, x, before);
    if (header < 0) continue;
    // The only length with which it ends where the run does.
    const size = (length - 8 - x + STEP) & ~(STEP - 1);
    if (size < SHORTEST || size > LONGEST || x + size > after) continue;
    const p = at + x;
    if (header > 0 && !isLengthOf(p - header, header, size)) continue;
    if (((x & 7) == 0 || (x == 1 && load<u8>(at) == 0)) && isUsual(size >>> 3)) continue;
    examine(p, size, before + x >= 8);
  }
}

// Bytes of the length before a number at `x`, or -1 where none begins there: at the run, at a word before it that the net may have missed, or behind a
// zero byte and a length.
function headerBefore(at: usize, x: i32, before: i32): i32 {
  if (x == 0 || (x == -8 && before >= 8 && isGrey(at - 8))) return 0;
  for (let header = 0; header <= MOST_HEADER; header++) {
    const zero = x - 1 - header;
    if (zero < -min(MOST_BEFORE, before) || zero >= FIRST_WORD) continue;
    if (load<u8>(at + zero) == 0 && load<u8>(at + zero + 1) != 0) return header;
  }
  return -1;
}

// A number of so many bytes, or of one more for its sign, or in bits as OpenPGP counts them (RFC 9580, 3.2).
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
