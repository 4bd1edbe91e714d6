// Does a window look random? The twin of src/numbers/gate.ts; scores are summed once for all windows of a piece.

let scores: usize = 0; // i8[256]
let pairs: usize = 0; // i8[65536], by the first byte and the second
let gates: usize = 0; // {i32 most score, i32 least distinct, i32 most score of pairs, 0} for 0, 8, 16 … 128 bytes
let sums: usize = 0; // {i32 score of the bytes before each one, i32 of the pairs that end there}, from `first` on
let seen: usize = 0; // u32[256]
let generation: u32 = 0;
let first: usize = 0;

export function setGate(scoreTable: usize, pairTable: usize, gateTable: usize, sumTable: usize, seenTable: usize): void {
  scores = scoreTable;
  pairs = pairTable;
  gates = gateTable;
  sums = sumTable;
  seen = seenTable;
}

/** Sums the scores of [from, to): windows inside are judged by score(). */
export function openSums(from: usize, to: usize): void {
  first = from;
  let sum: i32 = 0;
  let both: i32 = 0;
  let out = sums;
  // No window ends with the first byte: what stands before it does not matter.
  let pair: usize = 0;
  for (let p = from; p < to; p++, out += 8) {
    store<i32>(out, sum);
    store<i32>(out, both, 4);
    const byte = <usize>load<u8>(p);
    pair = ((pair << 8) | byte) & 0xffff;
    sum += <i32>load<i8>(scores + byte);
    both += <i32>load<i8>(pairs + pair);
  }
  store<i32>(out, sum);
  store<i32>(out, both, 4);
}

@inline export function score(p: usize, length: usize): i32 {
  const at = sums + ((p - first) << 3);
  return load<i32>(at + (length << 3)) - load<i32>(at);
}

@inline export function pairScore(p: usize, length: usize): i32 {
  const at = sums + ((p - first) << 3);
  return load<i32>(at + (length << 3), 4) - load<i32>(at, 12);
}

function distinct(p: usize, length: usize): i32 {
  generation++;
  let count = 0;
  for (let end = p + length; p < end; p++) {
    const slot = seen + (<usize>load<u8>(p) << 2);
    count += i32(load<u32>(slot) != generation);
    store<u32>(slot, generation);
  }
  return count;
}

/** Digits, whose scores are not summed: they may score `slack` more than random bytes and have `fewer` distinct ones less. */
export function digitsLookRandom(p: usize, length: usize, slack: i32, fewer: i32): bool {
  const gate = gates + (length << 1);
  return scoreOf(p, length) <= load<i32>(gate) + slack && distinct(p, length) >= load<i32>(gate, 4) - fewer;
}

/** As {@link looksRandom}, for a window of any length, whose scores are not summed, with its limits. */
export function looksRandomIn(p: usize, length: usize, most: i32, least: i32, mostPairs: i32): bool {
  if (scoreOf(p, length) > most) return false;
  let sum: i32 = 0;
  for (let q = p, end = p + length - 1; q < end; q++) sum += <i32>load<i8>(pairs + <usize>bswap<u16>(load<u16>(q)));
  return sum <= mostPairs && distinct(p, length) >= least;
}

function scoreOf(p: usize, length: usize): i32 {
  let sum: i32 = 0;
  for (let q = p, end = p + length; q < end; q++) sum += <i32>load<i8>(scores + <usize>load<u8>(q));
  return sum;
}

/** `length`: a multiple of 8, up to 128. The window lies among the summed bytes. */
export function looksRandom(p: usize, length: usize): bool {
  const gate = gates + (length << 1);
  if (score(p, length) > load<i32>(gate) || pairScore(p, length) > load<i32>(gate, 8)) return false;
  return distinct(p, length) >= load<i32>(gate, 4);
}

// DIGIT_GATES of src/noise/weights.ts, in their order.
const MOST_SCORE_26: i32 = 192;
const MOST_SCORE_28: i32 = 152;
const MOST_SCORE_30: i32 = 64;
const MOST_SCORE_60: i32 = 88;

/** All words of 32 bytes are digits of some form, and otherwise look random. The window lies among the summed bytes. */
export function looksLikeDigits(p: usize): bool {
  const bits = load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24);
  let most: i32;
  if ((bits & 0xf8000001f8000001) == 0) most = MOST_SCORE_26;
  else if ((bits & 0xf0000000f0000000) == 0) most = MOST_SCORE_28;
  else if ((bits & 0xc0000000c0000000) == 0) most = MOST_SCORE_30;
  else if (bits >>> 60 == 0) most = MOST_SCORE_60;
  else return false;
  return score(p, 32) <= most && distinct(p, 32) >= load<i32>(gates, 68);
}

/** The words of 32 bytes are digits of 60 bits, or of two times 30 or fewer: of random ones one in 30,000. */
export function isDigits(p: usize): bool {
  const bits = load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24);
  return (bits & 0xc0000000c0000000) == 0 || bits >>> 60 == 0;
}

@inline export function zeroBytes(p: usize): i32 {
  const x = load<u64>(p);
  const low: u64 = 0x7f7f7f7f7f7f7f7f;
  return <i32>popcnt(~(((x & low) + low) | x | low));
}

/**
 * The word may be a number's own end, missed by the net for its top bits or for two zero bytes. Pointers have theirs at an end, and
 * stand beside numbers in every heap.
 */
export function isGrey(p: usize): bool {
  const zeros = zeroBytes(p);
  return zeros <= 1 || (zeros == 2 && load<u16>(p) != 0 && load<u16>(p, 6) != 0);
}

/** The net takes the word for random. */
export function isGood(p: usize): bool {
  const tops = popcnt(load<u64>(p) & 0x8080808080808080);
  return tops != 0 && tops != 8 && zeroBytes(p) <= 1;
}

/**
 * The length of an array of so many 32-bit integers stands before `p`, maybe with padding: only runtimes that check indices keep numbers as
 * integers, the most significant first, and what stands in their heap has such a header.
 */
@inline export function isIntArray(p: usize, integers: u32): bool {
  return load<u32>(p - 4) == integers || load<u32>(p - 8) == integers;
}

/**
 * What stands right before `p` is the header of an object of so many bytes: their number or that of its integers, as a word or in the upper half of
 * one (arrays of Java, .NET and V8), or before the hash of a `bytes`; or the size of a chunk of glibc's malloc, header and flags included, for as many bytes or
 * a few more (malloc/malloc.c). Of 160,000 numbers in a gigabyte of programs and libraries 400 have one, of those of keys most.
 */
export function isFitted(p: usize, length: u32, before: i32): bool {
  if (before < 8) return false;
  const header = load<u64>(p - 8);
  const upper = <u32>(header >>> 32);
  const lower = <u32>header;
  const count = upper != 0 ? upper : lower;
  if (count == length || count == length >>> 2 || count == length >>> 3) return true;
  if (upper == 0 && (lower & 10) == 0 && lower >= length + 8 && lower <= length + (length >>> 2) + SPARE) return true;
  return before >= 16 && load<u64>(p - 16) == <u64>length;
}

/**
 * What the word before `p` is, as 16 bits: a count, the upper half of an address or of a word that has a count there; 0 where it is nothing quiet. Numbers that
 * stand behind equal ones are a crowd.
 */
export function headerKind(p: usize): u32 {
  const header = load<u64>(p - 8);
  const upper = header >>> 32;
  if (upper != 0xffffffff && !isQuiet(p - 8)) return 0;
  const kind = upper == 0 ? header << 1 : (upper << 1) | 1;
  return max<u32>(1, <u32>((kind * MIX) >>> 48));
}

/** The word is no part of a number: a length, a header, a pointer, padding. */
@inline export function isQuiet(p: usize): bool {
  return zeroBytes(p) >= 2;
}

/** Bytes that a chunk may have beyond its number: words that a big integer may still grow by. */
const SPARE: u32 = 64;
/** An odd number, which spreads any bit that differs. */
const MIX: u64 = 0x9e3779b97f4a7c15;
const ALL_ONES: u64 = 0xffffffffffffffff;

/**
 * A number may begin behind the word at `p`: it is quiet, or all ones. CPython keeps a hash right before the octets of a `bytes`, which is -1 until
 * somebody asks for it (Include/cpython/bytesobject.h).
 */
@inline export function mayLead(p: usize): bool {
  return isQuiet(p) || load<u64>(p) == ALL_ONES;
}

/** The word at `p` is the length in octets of a curve's number, or of two: a `bytes` has it before its hash, which looks random once it is computed. */
@inline export function isLength(p: usize): bool {
  const length = load<u64>(p);
  return length == 32 || length == 40 || length == 48 || length == 64 || length == 66;
}
