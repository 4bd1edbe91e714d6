// Numbers that fill their run and have a length that is no multiple of 128 bits: primes of 500, 683 or 1,500 bits, their moduli. They begin with the run, or a
// word before it, behind a quiet word, and end within its last word or the one behind that. Little-endian limbs end where the next word is zero or no number's;
// octets where zeros follow; integers of 32 bits, the most significant first, where the length before them says.

import { isGrey, looksRandom, mayLead, pairScore, score } from './gate.as';
import { ODD, record } from './records.as';
import { BE, INT32, LE, hasSmallFactor, sum, word } from './windows.as';

// Bits of the shortest, and bytes of the longest.
const SHORTEST: i32 = 480;
const LONGEST: i32 = 2048;
// Words of a run: one end of a number may lie beside it, and both.
const LEAST_WORDS: i32 = 6;
const MOST_WORDS: i32 = 257;
// Highest words of a number in limbs that the net does not take for random.
const MOST_TOP: u64 = 1 << 48;
// What windows.as.ts and own.as.ts give has so many bytes, or a multiple, and its top bit set.
const STEP: i32 = 16;
// Bytes up to which the gate has limits for each word, and above which for each STEP.
const SHORT: i32 = 128;
const FIRST_GATE: i32 = 64;

let gates: usize = 0; // {i32 most score, i32 least distinct, i32 most score of pairs, 0} for FIRST_GATE, FIRST_GATE + STEP …
let room: usize = 0; // LONGEST + 8 bytes

export function setOdd(gateTable: usize, scratch: usize): void {
  gates = gateTable;
  room = scratch;
}

/** `at`: a run of `words` words that lies here as a whole. */
export function odd(at: usize, words: i32, before: i32, after: i32): void {
  if (words < LEAST_WORDS || words > MOST_WORDS) return;
  begin(at, words << 3, before, after);
  if (before >= 8) begin(at - 8, (words << 3) + 8, before - 8, after + 8);
}

// A number at `p`, whose run ends `length` bytes behind.
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
  // The byte before that word may be zero and the number's all the same.
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

// An array of 32-bit integers begins at `p`, behind its length, maybe with padding.
function integers(p: usize, length: i32, after: i32): void {
  const count: u32 = reaches(load<u32>(p - 4), length) ? load<u32>(p - 4) : load<u32>(p - 8);
  if (!reaches(count, length)) return;
  const size = <i32>count << 2;
  if (size > after || (load<u32>(p) >>> 31 != 0 && isTaken(size))) return;
  if ((load<u32>(p + size - 4) & 1) != 0 && load<u32>(p) != 0) number(p, size, INT32);
}

// So many integers end within the last word of a run or the one behind it.
@inline function reaches(count: u32, length: i32): bool {
  return count <= <u32>LONGEST >>> 2 && <i32>count << 2 > length - 8 && <i32>count << 2 <= length + 8;
}

// Of `length` bytes, the most significant first; the words that they are in may have more.
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

// What is found as a window of words elsewhere, where its top bit is set.
@inline function isTaken(length: i32): bool {
  return (length & (STEP - 1)) == 0;
}

// Its words but for the last, which may be short. They lie among the summed bytes.
function isRandom(p: usize, length: i32): bool {
  if (length < SHORT) return looksRandom(p, length & ~7);
  const size = min(length, LONGEST) & ~(STEP - 1);
  const gate = gates + (<usize>((size - FIRST_GATE) / STEP) << 4);
  return score(p, size) <= load<i32>(gate) && pairScore(p, size) <= load<i32>(gate, 8);
}

// The size in bits.
function keep(p: usize, reading: i32, lacking: i32, bits: i32, low: u64): void {
  store<u64>(record(p, ODD, <u32>reading | (<u32>lacking << 2) | (sum() << 8), <u32>bits, 8), low);
}
