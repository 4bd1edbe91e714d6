// The value net: runs of at least 16 characters of [A-Za-z0-9+/_-], one byte each or UTF-16 (a zero byte
// between two, either byte order), that look random or begin with a known prefix. Twin of
// src/sweep/values/random.ts, whose tables it reads.
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
import { countBlocks, countValue, openCensus, setCensus, bitmask, characters64, classesOf, isCharacter, isSeparator, maskOf, others, SEPARATOR, setKinds } from './value-characters.as';
import { looksRandom, setScores } from './value-score.as';

// Shortest value (src/sweep/values/value-run.ts).
const SHORTEST: usize = 16;
const LONGEST: usize = 1024;
const CONTEXT: usize = 128;
const WIDE: u32 = 0x800;
const CUT: u32 = 0x1000;
const RANDOM: u32 = 0x2000;

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
const COUNT_RANDOM: u32 = 4;

// Characters of a UTF-16 run.
let narrowed: usize = 0;
let queue: usize = 0;
let slots: usize = 0;
let out: usize = 0;
let prefixes: bool = false;
let random: bool = false;
let counted: bool = false;

let count: u32 = 0;
let first: usize = 0;
let end: usize = 0;
let dataEnd: usize = 0;
let firstOffset: f64 = 0;
// Everything before these addresses has been processed: for single bytes, and for UTF-16 at even and odd
// ones.
let done: usize = 0;
let doneEven: usize = 0;
let doneOdd: usize = 0;

// `work`: the tables (u8[256] symbols, u8[256] kinds, u16[256][4] rows by kinds, u8[67 * 67] pairs), then
// 1,024 + 64 bytes, then u64 masks of 33 groups of 64 words, then 265 slots. `runs`: one f64 per 16 bytes of
// a chunk, and 4 more. `census`: 8 bytes for each of these.
export function setValues(work: usize, runs: usize, census: usize): void {
  setCensus(census);
  const kinds = work + 256, rows = work + 512, pairs = rows + 2048;
  setKinds(kinds);
  setScores(work, kinds, rows, pairs);
  narrowed = pairs + 4544;
  queue = narrowed + LONGEST + 64;
  slots = queue + 8 * 33;
  out = runs;
}

// What the next scans look for.
export function setValueNets(nets: u32): void {
  prefixes = (nets & FIND_PREFIXES) != 0;
  random = (nets & FIND_RANDOM) != 0;
  counted = (nets & COUNT_RANDOM) != 0;
}

// Where drainNoise stores the masks of words that may be characters alone; 0 if nothing is looked for.
export function valueQueue(): usize {
  return prefixes || random || counted ? queue : 0;
}

export function openValues(buffer: usize, length: usize, margin: usize, offset: f64): void {
  count = 0;
  openCensus();
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
    if (counted) countBlocks(first, min(done, end), firstOffset);
    if (prefixes) {
      for (let p = first; p < first + LONGEST_ESCAPE; p++) lookUp(p, done);
      lookUpPieces(first - 1, done - first + 1, first - 1, false);
    }
  }
  for (let p = first; p < first + 2; p++) {
    if (!isCharacter(p) || !continuesWide(p)) continue;
    const next = endOfWide(p);
    setDoneWide(next);
    if (!prefixes) continue;
    for (let q = p; q < p + 2 * LONGEST_ESCAPE; q += 2) lookUpWide(q, next);
    lookUpWidePieces(p - 2, next);
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
    // An earlier block has begun this long run.
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
  if (isMangled(start)) return;
  if (prefixes) lookUpPieces(start, length, start, false);
  if (random || counted) judge(start, stop, start, length, 0);
  const rest = start + LONGEST;
  if (counted && stop > rest) countBlocks(rest, min(stop, end), firstOffset + <f64>(<i32>rest - <i32>first));
}

// A place in a run up to `stop` that is not behind a separator: `inspect` looks those up.
function lookUp(p: usize, stop: usize): void {
  if (p + SHORTEST <= stop && !isSeparator(p - 1)) confirmPrefix(p);
}

function lookUpWide(p: usize, next: usize): void {
  if (p + 2 * SHORTEST <= next && !isSeparator(p - 2)) confirmWidePrefix(p);
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
    lookUpWidePieces(start, next);
  }
  if (!random && !counted) return;
  narrow(start, min(length, LONGEST));
  judge(start, next, narrowed, length, 1);
}

// Looks prefixes up in a UTF-16 run of any length. The pieces share a prefix and what must follow it.
function lookUpWidePieces(start: usize, next: usize): void {
  for (let at = start; at + 2 * SHORTEST < next; at += 2 * (LONGEST - SHORTEST)) {
    const length = min((next - at) >>> 1, LONGEST);
    narrow(at, length);
    lookUpPieces(narrowed, length, at, true);
  }
}

function narrow(at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16)
    v128.store(narrowed + i, i8x16.shuffle(
      v128.load(at + 2 * i), v128.load(at + 2 * i, 16),
      0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
    ));
}

// Looks up the prefixes behind the separators among the characters at `text`. `at`: address of the first one
// in the data.
function lookUpPieces(text: usize, length: usize, at: usize, wide: bool): void {
  for (let i: usize = 0; i + SHORTEST < length; i += 16) {
    const valid: u32 = length - i >= 16 ? 0xffff : (1 << <u32>(length - i)) - 1;
    let separators = maskOf(classesOf(v128.load(text + i)), SEPARATOR) & valid;
    for (; separators != 0; separators &= separators - 1) {
      const behind = i + <usize>ctz(separators) + 1;
      if (behind + SHORTEST > length) return;
      if (wide) confirmWidePrefix(at + (behind << 1));
      else confirmPrefix(at + behind);
    }
  }
}

// The name of a function of C++ or Rust: _Z or _R, then a digit or a capital. It holds neither values nor
// prefixes.
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

// Adds the run from `start` to `next` if it looks random, or if its end is not known: such runs are counted
// by who reads them again.
function judge(start: usize, next: usize, text: usize, length: usize, shift: usize): void {
  const open = next >= dataEnd;
  if (!open) {
    if (!looksRandom(text, min(length, LONGEST))) return;
    if (counted) countValue(text, min(length, LONGEST));
    if (!random) return;
  }
  const context = CONTEXT << shift;
  const cut = start < first + context || next + context > dataEnd;
  const id = <u32>min(length, LONGEST) | (shift ? WIDE : 0) | (cut ? CUT : 0) | (open ? 0 : RANDOM);
  store<f64>(out + (<usize>count << 3), (firstOffset + <f64>(<u32>(start - first))) * ID + <f64>id);
  count++;
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
