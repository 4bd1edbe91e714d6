// The text net: runs of base64url that may be a JSON Web Key member in a string of its own (twin of
// src/sweep/runs/texts.ts) or a number in hexadecimal digits (src/sweep/runs/hex.ts).
//
// A run of 43 characters, the shortest, covers bytes 4 to 15 of some aligned 32-byte half block wherever it
// begins. A block is queued if these bytes are ASCII and not zero, which follows from masks already computed.
// Every 16 KiB the queue is drained: exact classes of those twelve bytes, then of 16 adjacent bytes, then the
// run's ends, length and randomness.
//
// A run that touches an end of the chunk is returned untested and at any length, as in the entropy net. So
// is a run that begins less than 24 bytes after the start of the chunk, since the test reads that many bytes
// before it. All other runs are decoded into records (text-records.as.ts), or returned if no records are
// asked for.

import { decodesTexts, recordHex, recordMember, setRecordCharacters } from './text-records.as';
import { classOf, highNibbles, lowNibbles } from './simd.as';

const HALF: usize = 32;
// The tested bytes of a half block.
const WINDOW_FROM: usize = 4;
const WINDOW_TO: usize = 16;
const WINDOW: i32 = 0xfff0;
const BESIDE: usize = 12;
// Blocks of a stretch, plus one.
const BLOCKS: usize = 257;

// Bytes before a run that the test reads.
const BEFORE: usize = 24;
const SHORTEST: usize = 43;
const LONGEST: usize = 2752;
const AHEAD: usize = 4;
// Limits of src/sweep/runs/texts.ts.
const LEAST_LETTERS: i32 = 5;
const MOST_LETTERS: i32 = 30;
const MOST_DIGITS: i32 = 16;
const MOST_OTHERS: i32 = 7;
const LEAST_DISTINCT: i32 = 22;
const MOST_ALIKE: i32 = 27;

// Flags and limits of src/sweep/runs/hex.ts. PREFIX: `0x`.
const MAY_BE_HEX: u32 = 0x8000;
const MAY_BEGIN_WITH_HEX: u32 = 0x4000;
const PREFIX: u32 = 0x7830;
const LEAST_HEX_LETTERS: usize = 8;
const LEAST_HEX_DIGITS: usize = 16;
const LEAST_HEX_DISTINCT: u32 = 10;

const ID: f64 = 16777216;

let out: usize = 0;
// Queues of a stretch, u32 addresses: blocks that may hold text, and their halves to examine.
let blocks: usize = 0;
let halves: usize = 0;
// u8[256] base64url values, then u16[2752] flags by run length.
let characters: usize = 0;
let lengths: usize = 0;
let count: u32 = 0;
let first: usize = 0;
let end: usize = 0;
let firstOffset: f64 = 0;
// Everything before this address has been processed.
let done: usize = 0;
// Start of the run that touches the end of the chunk, or 0.
let tail: usize = 0;

// `work`: u8[256], u16[2752], then u32 queues of 16 KiB / 64 + 1 blocks and twice as many halves.
// `runs`: one f64 per 44 bytes of a chunk, and 2 more.
export function setTexts(work: usize, runs: usize): void {
  characters = work;
  setRecordCharacters(work);
  lengths = characters + 256;
  blocks = lengths + 2 * LONGEST;
  halves = blocks + 4 * BLOCKS;
  out = runs;
}

export function openTexts(buffer: usize, length: usize, offset: f64): void {
  first = buffer;
  end = buffer + length;
  firstOffset = offset;
  count = 0;
  tail = 0;
  done = endOfRun(first);
  if (done > first) emit(first, done);
}

// Returns the number of runs.
export function closeTexts(): u32 {
  if (tail == 0 && done < end) tail = startOfRun(end);
  if (tail != 0 && tail < end) emit(tail, end);
  return count;
}

// `others`: mask of the block's bytes that are zero or not ASCII.
// @ts-ignore: decorator
@inline
export function mayHoldText(others: u64): bool {
  return (others & <u64>WINDOW) == 0 || (others & ((<u64>WINDOW) << 32)) == 0;
}

export function textQueue(): usize {
  return blocks;
}

// Filters the queued blocks in two branch-free passes: first the halves whose window is all base64url, then
// those with 16 more such bytes on one side, as every run of 43 characters has. The remaining halves are
// examined one by one.
export function drainTexts(queued: usize): void {
  let kept = halves;
  for (let slot = blocks; slot < queued; slot += 4) {
    const block = <usize>load<u32>(slot);
    store<u32>(kept, <u32>block);
    kept += usize((others(block) & WINDOW) == 0) << 2;
    store<u32>(kept, <u32>(block + HALF));
    kept += usize((others(block + HALF) & WINDOW) == 0) << 2;
  }
  let last = halves;
  for (let slot = halves; slot < kept; slot += 4) {
    const half = <usize>load<u32>(slot);
    store<u32>(last, <u32>half);
    last += usize(i32(others(half - BESIDE) == 0) | i32(others(half + WINDOW_TO) == 0)) << 2;
  }
  for (let slot = halves; slot < last; slot += 4) look(<usize>load<u32>(slot));
}

// Examines the run around a half's window. The masks of the neighbouring bytes reject most lengths without a
// branch. The start cannot lie before the previous window, whose half would have been examined first.
function look(half: usize): void {
  if (half + WINDOW_FROM < done || half + WINDOW_TO > end) return;
  const before = others32(half - HALF) | (<u64>others(half) << 32);
  const behind = <u64>others(half + 16) | (others32(half + 32) << 16) | (<u64>others(half + 64) << 48);
  const start = half + HALF - <usize>clz(before & 0xfffffffff);
  const stop = half + WINDOW_TO + <usize>ctz(behind);
  done = stop;
  if ((behind != 0) & (stop < end) & (start >= first + BEFORE) && flagsOf(stop - start) == 0) return;
  done = behind != 0 ? min(stop, end) : endOfRun(stop);
  if (done < end) emit(start, done);
  // closeTexts emits it.
  else tail = start;
}

// @ts-ignore: decorator
@inline
function others32(p: usize): u64 {
  return <u64>others(p) | (<u64>others(p + 16) << 16);
}

// Mask of the bytes of 16 that are not base64url characters.
// @ts-ignore: decorator
@inline
function others(p: usize): i32 {
  // One bit per class: 2d; 30 to 39; 41 to 4f and 61 to 6f; 50 to 5a and 5f; 70 to 7a.
  const low = i8x16(26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 28, 4, 4, 5, 4, 12);
  const high = i8x16(0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0);
  const x = v128.load(p);
  return i8x16.bitmask(i8x16.eq(classOf(low, high, lowNibbles(x), highNibbles(x)), i8x16.splat(0)));
}

// Scans forward from `p`, at most to the end of the chunk.
function endOfRun(p: usize): usize {
  for (; p < end; p += 16) {
    const mask = others(p);
    if (mask != 0) return min(p + <usize>ctz(mask), end);
  }
  return end;
}

// Scans backward from `p`, at most to `done`.
function startOfRun(p: usize): usize {
  while (p > done && load<u8>(characters + <usize>load<u8>(p - 1)) < 64) p--;
  return p;
}

function emit(start: usize, stop: usize): void {
  const run = stop - start;
  if (start == first || stop == end || (run >= SHORTEST && start < first + BEFORE)) keep(start, run);
  else if (run >= SHORTEST && run < LONGEST) member(start, run);
}

function keep(start: usize, run: usize): void {
  store<f64>(out + (<usize>count << 3), (firstOffset + <f64>(<u32>(start - first))) * ID + <f64>(<u32>run));
  count++;
}

// Emits the run if a member starts it, or its tail if that is a member after bytes that CPython left
// uninitialised.
function member(start: usize, run: usize): void {
  const length = lengthOf(run);
  const fits = length == run || (length > 1 && <usize>load<u32>(start - 4) == length);
  if (fits && isMember(start, length, run)) {
    if (decodesTexts()) recordMember(start, length);
    else keep(start, run);
    return;
  }
  for (let rest = run - 1; rest >= run - AHEAD; rest--) {
    const at = start + run - rest;
    if (lengthOf(rest) != rest || !isCounted(at, rest) || !isMember(at, rest, rest)) continue;
    if (decodesTexts()) recordMember(at, rest);
    else keep(at, rest);
    return;
  }
  const skip: usize = load<u16>(start) == PREFIX ? 2 : 0;
  const digits = hexDigits(start, run, skip);
  if (digits == 0) return;
  if (!decodesTexts()) keep(start, run);
  else recordHex(digits == run - skip ? start + skip : start, digits);
}

// The length of a CPython `str` is 24 bytes before its characters, that of a `bytes` 16.
// @ts-ignore: decorator
@inline
function isCounted(at: usize, length: usize): bool {
  return load<u64>(at - BEFORE) == <u64>length || load<u64>(at - 16) == <u64>length;
}

// Member length (low 14 bits) and the flags of src/sweep/runs/hex.ts, by run length.
// @ts-ignore: decorator
@inline
function flagsOf(run: usize): u32 {
  return <u32>load<u16>(lengths + (run << 1));
}

// @ts-ignore: decorator
@inline
function lengthOf(run: usize): usize {
  return <usize>(flagsOf(run) & 0x3fff);
}

// Count of the hexadecimal digits of a number, from the start of the run or behind `skip` bytes to its end; 0
// if there is none. The rules of src/sweep/runs/hex.ts.
function hexDigits(start: usize, run: usize, skip: usize): usize {
  const flags = flagsOf(run);
  if ((flags & MAY_BE_HEX) != 0 && isHexLength(run - skip) && isHex(start + skip, run - skip))
    return run - skip;
  if ((flags & MAY_BEGIN_WITH_HEX) == 0) return 0;
  const length: usize = run > 96 ? 96 : 64;
  return <usize>load<u32>(start - 4) == length && isHex(start, length) ? length : 0;
}

// Digits of scalars and coordinates, and of points with their format octet.
// @ts-ignore: decorator
@inline
function isHexLength(length: usize): bool {
  return (
    length == 64 || length == 96 || length == 132 || length == 66 || length == 130 || length == 98 ||
    length == 194 || length == 128
  );
}

function isHex(start: usize, length: usize): bool {
  let cases: u32 = 0;
  let digits: usize = 0;
  let seen: u32 = 0;
  for (let p = start; p < start + length; p++) {
    const byte = <u32>load<u8>(p);
    if (byte - 0x30 < 10) {
      digits++;
      seen |= 1 << (byte & 15);
    } else if ((byte & 0xdf) - 0x41 < 6) {
      cases |= byte & 0x20 ? 1 : 2;
      seen |= 1 << (9 + (byte & 7));
    } else return false;
  }
  return (
    cases != 3 && digits >= LEAST_HEX_DIGITS && length - digits >= LEAST_HEX_LETTERS &&
    popcnt(seen) >= LEAST_HEX_DISTINCT
  );
}

function isMember(start: usize, length: usize, run: usize): bool {
  const last = <u32>load<u8>(characters + <usize>load<u8>(start + length - 1));
  const unused: u32 = (length & 3) == 3 ? 3 : (length & 3) == 2 ? 15 : 0;
  if ((last & unused) != 0 || isLine(start, run) || isMangled(start)) return false;
  return looksRandom(start) && (length == SHORTEST || looksRandom(start + length - SHORTEST));
}

// True for a line of PEM.
function isLine(start: usize, run: usize): bool {
  return isLineEnd(load<u8>(start - 1)) && isLineEnd(load<u8>(start + run));
}

// @ts-ignore: decorator
@inline
function isLineEnd(byte: u32): bool {
  return byte == 0x0a || byte == 0x0d;
}

// A mangled C++ name: _Z, then a digit or one of GKLNST.
function isMangled(start: usize): bool {
  if (load<u16>(start) != 0x5a5f) return false;
  const third = <u32>load<u8>(start, 2);
  return third - 0x30 < 10 || (third - 0x40 < 32 && ((0x185880 >>> (third - 0x40)) & 1) != 0);
}

function looksRandom(p: usize): bool {
  let seen: u64 = 0;
  let upper = 0, lower = 0, digits = 0, alike = 0;
  let before: u32 = 4;
  for (let q = p; q < p + SHORTEST; q++) {
    const value = <u32>load<u8>(characters + <usize>load<u8>(q));
    seen |= (<u64>1) << value;
    const kind: u32 = u32(value >= 26) + u32(value >= 52) + u32(value >= 62);
    upper += i32(kind == 0);
    lower += i32(kind == 1);
    digits += i32(kind == 2);
    alike += i32(kind == before);
    before = kind;
  }
  const others = <i32>SHORTEST - upper - lower - digits;
  return (
    min(upper, lower) >= LEAST_LETTERS && max(upper, lower) <= MOST_LETTERS && digits <= MOST_DIGITS &&
    others <= MOST_OTHERS && <i32>popcnt(seen) >= LEAST_DISTINCT && alike <= MOST_ALIKE
  );
}
