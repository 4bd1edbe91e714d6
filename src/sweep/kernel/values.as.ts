// The value net: runs of at least 16 characters of [A-Za-z0-9+/_-], one byte each or UTF-16 (a zero byte
// between two, either byte order), that look random or begin with a known prefix. Twin of
// src/values/runs.ts and random.ts, whose tables it reads.
//
// Such a run covers an aligned word of 8 bytes, in UTF-16 two adjacent ones, whose masks of zero and top bits
// noise.as.ts has stored: drainNoise collects these words while it turns the masks of a stretch into others.
// Then, cheapest test first:
//   exact classes of a block of 64 bytes; the run around each word of characters alone; its length;
//   changes between lower case, upper case and digits, by popcount; the score of its pairs of characters,
//   up to the threshold of its class and length; the same for its pieces between - and _.
// The start of each run, and each place in it behind one of + / _ -, is looked up among the prefixes if 16
// characters follow, which yields hits (confirm.as.ts) whether the run looks random or not. So are the places
// at its start where a token begins behind a byte that holds its length, or behind the characters of an
// escape: \n, %3D, \x3d, \u003d.
//
// A run belongs to the chunk that it starts in. One that reaches the end of the known bytes is returned
// untested, flagged as cut; so is one that has less than CONTEXT characters before or after it, if it looks
// random.

import { confirmPrefix, confirmWidePrefix } from './confirm.as';
import { blockOthers } from './noise.as';
import { classOf, highNibbles, lowNibbles, mask64 } from './simd.as';

// Of src/values/value-run.ts.
const SHORTEST: usize = 16;
const LONGEST: usize = 1024;
const CONTEXT: usize = 128;
const WIDE: u32 = 0x800;
const CUT: u32 = 0x1000;
const RANDOM: u32 = 0x2000;

// Of src/values/random.ts and characters.ts.
const SYMBOL_COUNT: i32 = 67;
const OTHER: i32 = 66;
const MOST_OF_PAIR: i32 = 48;
const LEAST_CHANGES: u32 = 2;
// Kinds of + / _ -, and of _ - alone.
const SEPARATORS: u32 = 192;
const JOINTS: u32 = 128;

// Classes of bytes: 1 is one of + - /, 2 a digit, 4 and 8 upper case, 16 the underscore, 32 and 64 lower case.
const UPPER: i8 = 12;
const LOWER: i8 = 96;
const DIGIT: i8 = 2;

// Before an escape, and its other characters at most.
const PERCENT: u32 = 0x25;
const BACKSLASH: u32 = 0x5c;
const LONGEST_ESCAPE: usize = 5;

const BLOCK: usize = 64;
const AHEAD: usize = 7;
// A block in which runs begin: u64 mask of its characters, u64 mask of the starts, u32 address.
const SLOT: usize = 24;
const EVEN: u32 = 0x5555;
const ODD: u32 = 0xaaaa;
const LOW7: u64 = 0x7f7f7f7f7f7f7f7f;

const ID: f64 = 16777216;

// Bits of setValueNets.
const FIND_PREFIXES: u32 = 1;
const FIND_RANDOM: u32 = 2;

// Tables: u8[256] symbols, u8[256] kinds, u16[256][4] rows by kinds, u8[67 * 67] pairs.
let symbols: usize = 0;
let kinds: usize = 0;
let rows: usize = 0;
let pairs: usize = 0;
// Characters of a UTF-16 run.
let narrowed: usize = 0;
let queue: usize = 0;
let slots: usize = 0;
let out: usize = 0;
let prefixes: bool = false;
let random: bool = false;

let count: u32 = 0;
let first: usize = 0;
let end: usize = 0;
let dataEnd: usize = 0;
let firstOffset: f64 = 0;
// Everything before these addresses has been processed: for single bytes, and for UTF-16 at even and odd ones.
let done: usize = 0;
let doneEven: usize = 0;
let doneOdd: usize = 0;

// `work`: the tables, then 1,024 + 64 bytes, then u64 masks of 33 groups of 64 words, then 265 slots. `runs`: one f64 per 16
// bytes of a chunk, and 4 more.
export function setValues(work: usize, runs: usize): void {
  symbols = work;
  kinds = work + 256;
  rows = work + 512;
  pairs = rows + 2048;
  narrowed = pairs + 4544;
  queue = narrowed + LONGEST + 64;
  slots = queue + 8 * 33;
  out = runs;
}

// What the next scans look for.
export function setValueNets(nets: u32): void {
  prefixes = (nets & FIND_PREFIXES) != 0;
  random = (nets & FIND_RANDOM) != 0;
}

// Where drainNoise stores the masks of words that may be characters alone; 0 if nothing is looked for.
export function valueQueue(): usize {
  return prefixes || random ? queue : 0;
}

export function openValues(buffer: usize, length: usize, margin: usize, offset: f64): void {
  count = 0;
  if (valueQueue() == 0) return;
  first = buffer;
  end = buffer + length;
  dataEnd = end + margin;
  firstOffset = offset;
  done = first;
  doneEven = first;
  doneOdd = first + 1;
  // Runs that began in the chunk before: only prefixes are looked up, behind the byte before the chunk.
  if (isCharacter(first) && isCharacter(first - 1)) {
    done = endOfRun(first);
    if (prefixes) {
      for (let p = first; p < first + LONGEST_ESCAPE; p++) lookUp(p, done);
      inspect(first - 1, done - first + 1, first - 1, 0);
    }
  }
  for (let p = first; p < first + 2; p++) {
    if (!isCharacter(p) || !continuesWide(p)) continue;
    const next = endOfWide(p);
    setDoneWide(next);
    if (!prefixes) continue;
    for (let q = p; q < p + 2 * LONGEST_ESCAPE; q += 2) lookUpWide(q, next);
    inspectWide(p - 2, next);
  }
}

// Returns the number of runs.
export function closeValues(): u32 {
  if (valueQueue() == 0) return 0;
  // The last runs may have their first whole word behind the chunk.
  if (done < end && isCharacter(end - 1)) {
    let start = end - 1;
    while (start > done && isCharacter(start - 1)) start--;
    narrowRun(start, endOfRun(end));
  }
  for (let p = end - 1; p + 2 >= end && p >= first; p--)
    if (p >= doneWide(p) && isCharacter(p)) wideRun(startOfWide(p), endOfWide(p));
  return count;
}

// Examines the words of `groups` groups of 64 words that drainNoise collected. A branch-free pass keeps the
// blocks in which a run of 16 begins. It reads each block 7 bytes early: a run may begin before its first
// whole word.
export function drainValues(stretch: usize, groups: usize): void {
  let kept = slots;
  for (let group: usize = 0; group < groups; group++) {
    for (let words = load<u64>(queue + (group << 3)); words != 0; ) {
      const shift = ctz(words) & 56;
      const block = (group << 3) + <usize>(shift >>> 3);
      const found = popcnt((words >>> shift) & 255);
      words &= ~((<u64>255) << shift);
      const p = stretch + (block << 6);
      if (found > popcnt(zeroBytes(blockOthers(block)))) wideBlock(p);
      const mask = characters64(p - AHEAD);
      const starts = startsOfRuns(mask, <u64>(~bitmask(p - AHEAD + BLOCK) & 0xffff));
      store<u64>(kept, mask);
      store<u64>(kept, starts, 8);
      store<u32>(kept, <u32>(p - AHEAD), 16);
      kept += starts != 0 ? SLOT : 0;
    }
  }
  for (let slot = slots; slot < kept; slot += SLOT) narrowBlock(slot);
}

// The top bit of each byte that is zero.
// @ts-ignore: decorator
@inline
function zeroBytes(x: u64): u64 {
  return ~(((x & LOW7) + LOW7) | x | LOW7);
}

// @ts-ignore: decorator
@inline
function characters64(p: usize): u64 {
  return ~mask64(
    others(v128.load(p)), others(v128.load(p, 16)), others(v128.load(p, 32)), others(v128.load(p, 48)),
  );
}

// The bits of `mask` from which on 16 are set; `behind` has the 16 that follow it.
// @ts-ignore: decorator
@inline
function startsOfRuns(mask: u64, behind: u64): u64 {
  mask &= (mask >>> 1) | (behind << 63);
  behind &= behind >>> 1;
  mask &= (mask >>> 2) | (behind << 62);
  behind &= behind >>> 2;
  mask &= (mask >>> 4) | (behind << 60);
  behind &= behind >>> 4;
  return mask & ((mask >>> 8) | (behind << 56));
}

function narrowBlock(slot: usize): void {
  const mask = load<u64>(slot);
  const p = <usize>load<u32>(slot, 16);
  for (let starts = load<u64>(slot, 8); starts != 0; ) {
    const at = ctz(starts);
    const behind = at + ctz(~(mask >>> at));
    // Of a long run that an earlier block has begun.
    if (behind >= 64 && p + <usize>at < done) return;
    const stop = behind < 64 ? min(p + <usize>behind, dataEnd) : endOfRun(p + BLOCK);
    if (p + <usize>at >= done) narrowRun(p + <usize>at, stop);
    if (behind >= 64) return;
    starts = (starts >>> behind) << behind;
  }
}

function narrowRun(start: usize, stop: usize): void {
  done = stop;
  const length = stop - start;
  if (length < SHORTEST || start >= end) return;
  if (prefixes) {
    confirmPrefix(start);
    const before = <u32>load<u8>(start - 1);
    lookUp(start + 1, stop);
    if (before == PERCENT) lookUp(start + 2, stop);
    if (before == BACKSLASH) {
      lookUp(start + 3, stop);
      lookUp(start + 5, stop);
    }
  }
  if (isMangled(start) || (!random && length == SHORTEST)) return;
  const changes = inspect(start, length, start, 0);
  if (random) judge(start, stop, start, length, changes, 0);
}

// A place in a run up to `stop` that is not behind a separator: `inspect` looks those up.
function lookUp(p: usize, stop: usize): void {
  if (p + SHORTEST <= stop && !isSeparator(p - 1)) confirmPrefix(p);
}

function lookUpWide(p: usize, next: usize): void {
  if (p + 2 * SHORTEST <= next && !isSeparator(p - 2)) confirmWidePrefix(p);
}

// @ts-ignore: decorator
@inline
function isSeparator(p: usize): bool {
  return (<u32>load<u8>(kinds + <usize>load<u8>(p)) & SEPARATORS) != 0;
}

function wideBlock(p: usize): void {
  for (let piece = p; piece < p + BLOCK; piece += 16) {
    const x = v128.load(piece);
    const characters = ~i8x16.bitmask(others(x));
    const zeros = i8x16.bitmask(i8x16.eq(x, i8x16.splat(0)));
    if ((characters & zeros >>> 1 & EVEN) == EVEN) wideWord(piece);
    else if ((characters >>> 1 & zeros & EVEN) == EVEN) wideWord(piece + 1);
  }
}

function wideWord(p: usize): void {
  if (p >= doneWide(p)) wideRun(startOfWide(p), endOfWide(p));
}

function wideRun(start: usize, next: usize): void {
  setDoneWide(next);
  const length = (next - start) >>> 1;
  if (length < SHORTEST || start >= end) return;
  if (prefixes) {
    confirmWidePrefix(start);
    const before: u32 = load<u8>(start - 1) == 0 ? <u32>load<u8>(start - 2) : 0;
    lookUpWide(start + 2, next);
    if (before == PERCENT) lookUpWide(start + 4, next);
    if (before == BACKSLASH) {
      lookUpWide(start + 6, next);
      lookUpWide(start + 10, next);
    }
    if (length > LONGEST) inspectWide(start, next);
  }
  const most = min(length, LONGEST);
  narrow(start, most);
  const changes = inspect(narrowed, most, start, length > LONGEST ? 2 : 1);
  if (random) judge(start, next, narrowed, length, changes, 1);
}

// Looks prefixes up in a UTF-16 run of any length. The pieces share a prefix and what must follow it.
function inspectWide(start: usize, next: usize): void {
  for (let at = start; at + 2 * SHORTEST < next; at += 2 * (LONGEST - SHORTEST)) {
    const length = min((next - at) >>> 1, LONGEST);
    narrow(at, length);
    inspect(narrowed, length, at, 1);
  }
}

function narrow(at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16)
    v128.store(narrowed + i, i8x16.shuffle(
      v128.load(at + 2 * i), v128.load(at + 2 * i, 16),
      0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
    ));
}

// Counts the changes in the characters at `text`, and looks up the prefixes behind their separators. `at`:
// address of the first one in the data. `form`: 0 is one byte a character, 1 UTF-16; 2 counts alone.
function inspect(text: usize, length: usize, at: usize, form: u32): u32 {
  let changes: i32 = 0;
  let upperBefore: u32 = 0, lowerBefore: u32 = 0, digitBefore: u32 = 0;
  for (let i: usize = 0; i < length; i += 16) {
    const classes = classesOf(v128.load(text + i));
    const valid: u32 = length - i >= 16 ? 0xffff : ((1 << <u32>(length - i)) - 1);
    const upper = maskOf(classes, UPPER) & valid;
    const lower = maskOf(classes, LOWER) & valid;
    const digit = maskOf(classes, DIGIT) & valid;
    const afterUpper = (upper << 1) | upperBefore;
    const afterLower = (lower << 1) | lowerBefore;
    const afterDigit = (digit << 1) | digitBefore;
    if (i < LONGEST)
      changes += <i32>popcnt(
        ((upper | digit) & afterLower) | (digit & afterUpper) | ((upper | lower) & afterDigit),
      );
    upperBefore = upper >>> 15;
    lowerBefore = lower >>> 15;
    digitBefore = digit >>> 15;
    if (!prefixes || form == 2 || i + SHORTEST >= length) continue;
    for (let separators = valid & ~(upper | lower | digit); separators != 0; separators &= separators - 1) {
      const behind = i + <usize>ctz(separators) + 1;
      if (behind + SHORTEST > length) break;
      if (form == 0) confirmPrefix(at + behind);
      else confirmWidePrefix(at + (behind << 1));
    }
  }
  return <u32>changes;
}

// The name of a function of C++ or Rust: _Z or _R, then a digit or a capital. It holds neither values nor prefixes.
// @ts-ignore: decorator
@inline
function isMangled(p: usize): bool {
  const start = <u32>load<u16>(p);
  return (start == 0x5a5f || start == 0x525f) && isMangledType(load<u8>(p, 2));
}

// @ts-ignore: decorator
@inline
function isMangledType(byte: u32): bool {
  return byte - 0x30 < 10 || byte - 0x41 < 26;
}

// Adds the run from `start` to `next` if it looks random, or if its end is not known.
function judge(start: usize, next: usize, text: usize, length: usize, changes: u32, shift: usize): void {
  const open = next >= dataEnd;
  if (!open && (changes < LEAST_CHANGES || !looksRandom(text, min(length, LONGEST)))) return;
  const context = CONTEXT << shift;
  const cut = start < first + context || next + context > dataEnd;
  const id = <u32>min(length, LONGEST) | (shift ? WIDE : 0) | (cut ? CUT : 0) | (open ? 0 : RANDOM);
  store<f64>(out + (<usize>count << 3), (firstOffset + <f64>(<u32>(start - first))) * ID + <f64>id);
  count++;
}

function looksRandom(text: usize, length: usize): bool {
  const stop = text + length;
  const all = kindsOf(text, stop);
  return isRandom(text, stop, all) || ((all & JOINTS) != 0 && hasRandomPiece(text, stop));
}

function kindsOf(text: usize, stop: usize): u32 {
  let all: u32 = 0;
  for (let p = text; p < stop; p++) all |= <u32>load<u8>(kinds + <usize>load<u8>(p));
  return all;
}

// @ts-ignore: decorator
@inline
function isJoint(p: usize): bool {
  return <u32>load<u8>(kinds + <usize>load<u8>(p)) == JOINTS;
}

// Short pieces, which most are, are skipped from their end.
function hasRandomPiece(text: usize, stop: usize): bool {
  for (let start = text; start + SHORTEST <= stop; ) {
    let p = start + SHORTEST;
    while (p > start && !isJoint(p - 1)) p--;
    if (p > start) {
      start = p;
      continue;
    }
    p = start + SHORTEST;
    while (p < stop && !isJoint(p)) p++;
    if (inspect(start, p - start, start, 2) >= LEAST_CHANGES && isRandom(start, p, kindsOf(start, p))) return true;
    start = p + 1;
  }
  return false;
}

function isRandom(text: usize, stop: usize, all: u32): bool {
  const row = rows + (<usize>all << 3);
  const uniform = <i32>load<u16>(row);
  const more = <i32>load<u16>(row, 4) * <i32>(stop - text - SHORTEST);
  const least = min(<i32>load<u16>(row, 2) + more, <i32>load<u16>(row, 6));
  let sum: i32 = 0;
  let last = OTHER;
  for (let p = text; p < stop; p++) {
    const symbol = <i32>load<u8>(symbols + <usize>load<u8>(p));
    sum += min(<i32>load<u8>(pairs + <usize>(last * SYMBOL_COUNT + symbol)) - uniform, MOST_OF_PAIR);
    sum = max(sum, 0);
    if (sum >= least) return true;
    last = symbol;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function classesOf(x: v128): v128 {
  const low = i8x16(74, 110, 110, 110, 110, 110, 110, 110, 110, 110, 108, 37, 36, 37, 36, 53);
  const high = i8x16(0, 0, 1, 2, 4, 24, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0);
  return classOf(low, high, lowNibbles(x), highNibbles(x));
}

// All bits of each byte that is no character of a value.
// @ts-ignore: decorator
@inline
function others(x: v128): v128 {
  return i8x16.eq(classesOf(x), i8x16.splat(0));
}

// @ts-ignore: decorator
@inline
function bitmask(p: usize): u32 {
  return <u32>i8x16.bitmask(others(v128.load(p)));
}

// @ts-ignore: decorator
@inline
function maskOf(classes: v128, bits: i8): u32 {
  return <u32>i8x16.bitmask(i8x16.ne(v128.and(classes, i8x16.splat(bits)), i8x16.splat(0)));
}

// @ts-ignore: decorator
@inline
function isCharacter(p: usize): bool {
  return load<u8>(kinds + <usize>load<u8>(p)) != 0;
}

// The first byte from `p` on that is no character, at most the end of the data.
function endOfRun(p: usize): usize {
  for (; p < dataEnd; p += 16) {
    const mask = bitmask(p);
    if (mask != 0) return min(p + <usize>ctz(mask), dataEnd);
  }
  return dataEnd;
}

// @ts-ignore: decorator
@inline
function doneWide(p: usize): usize {
  return p & 1 ? doneOdd : doneEven;
}

// @ts-ignore: decorator
@inline
function setDoneWide(next: usize): void {
  if (next & 1) doneOdd = next;
  else doneEven = next;
}

// @ts-ignore: decorator
@inline
function continuesWide(p: usize): bool {
  return load<u8>(p - 1) == 0 && isCharacter(p - 2);
}

function startOfWide(p: usize): usize {
  const least = doneWide(p);
  while (p > least && continuesWide(p)) p -= 2;
  return p;
}

// The first place behind the character at `p` where the run has none, at most the first one behind the data.
function endOfWide(p: usize): usize {
  const last = dataEnd + ((dataEnd ^ p) & 1);
  for (p += 2; p < last; p += 16) {
    const x = v128.load(p - 1);
    const characters = ~i8x16.bitmask(others(x));
    const zeros = i8x16.bitmask(i8x16.eq(x, i8x16.splat(0)));
    const ends = ~(zeros & (characters >>> 1)) & EVEN;
    if (ends != 0) return min(p + <usize>ctz(ends), last);
  }
  return last;
}
