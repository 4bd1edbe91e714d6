// Whether a run of characters looks random. Twin of src/sweep/values/random.ts, whose tables it reads.

import { classesOf, DIGIT, isJoint, LOWER, maskOf, UPPER } from './value-characters.as';

const SHORTEST: usize = 16;
const SYMBOL_COUNT: i32 = 67;
const OTHER: i32 = 66;
const MOST_OF_PAIR: i32 = 48;
const LEAST_CHANGES: i32 = 2;
// Kind of _ and -.
const JOINTS: u32 = 128;

// u8[256] symbols, u8[256] kinds, u16[256][4] rows by kinds, u8[67 * 67] pairs.
let symbols: usize = 0;
let kinds: usize = 0;
let rows: usize = 0;
let pairs: usize = 0;

export function setScores(ofSymbols: usize, ofKinds: usize, ofRows: usize, ofPairs: usize): void {
  symbols = ofSymbols;
  kinds = ofKinds;
  rows = ofRows;
  pairs = ofPairs;
}

// The characters at `text` as a whole, or a piece of them between - and _.
export function looksRandom(text: usize, length: usize): bool {
  if (changesIn(text, length) < LEAST_CHANGES) return false;
  const stop = text + length;
  const all = kindsOf(text, stop);
  return isRandom(text, stop, all) || ((all & JOINTS) != 0 && hasRandomPiece(text, stop));
}

// Changes between lower case, upper case and digits; not the one behind a capital.
function changesIn(text: usize, length: usize): i32 {
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
    changes += <i32>popcnt(
      ((upper | digit) & afterLower) | (digit & afterUpper) | ((upper | lower) & afterDigit),
    );
    upperBefore = upper >>> 15;
    lowerBefore = lower >>> 15;
    digitBefore = digit >>> 15;
  }
  return changes;
}

function kindsOf(text: usize, stop: usize): u32 {
  let all: u32 = 0;
  for (let p = text; p < stop; p++) all |= <u32>load<u8>(kinds + <usize>load<u8>(p));
  return all;
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
    const changes = changesIn(start, p - start);
    if (changes >= LEAST_CHANGES && isRandom(start, p, kindsOf(start, p))) return true;
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
