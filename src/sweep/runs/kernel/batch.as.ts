// All runs of a chunk in one call: a call for each costs more than most runs do.

import { isQuiet } from './gate.as';
import { extract } from './piece.as';
import { recordsEnd } from './records.as';

// Units of a packed run: word index from the base of the chunk, times this, plus its words.
const ID: f64 = 16777216;
const SHORTEST: i32 = 3;
// Words of the longest run that may be several adjacent objects, and bytes cached on both sides of a run.
const LONG: i32 = 96;
const MARGIN: i32 = 32;
// Records of a run, in bytes for each of its words and of those around it: src/sweep/runs/extractor.ts, RECORDS.
const EACH: i32 = 4096;
const AROUND: i32 = 24;

const RUN: u32 = 6;
const HEADER: usize = 24;
const BODY: u32 = 1;

// Runs that stay, bytes of records, bytes kept in them.
let left: i32 = 0;
let bytes: i32 = 0;
let kept: i32 = 0;
// Word index of the end of the last run.
let lastEnd: f64 = 0;

export function runsLeft(): i32 {
  return left;
}

export function bytesOut(): i32 {
  return bytes;
}

export function bytesKept(): i32 {
  return kept;
}

/**
 * True if a heap object may begin at `at`: a quiet word precedes it, or precedes a first word missed by the
 * entropy net. A long run that begins otherwise is compressed or encrypted and holds no number, not even
 * at its end.
 */
export function begins(at: usize, before: i32): bool {
  return before < 16 || isQuiet(at - 8) || isQuiet(at - 16);
}

/** The words of a packed run. */
@inline function wordsOf(packed: f64): i32 {
  return <i32>(packed - floor(packed / ID) * ID);
}

/**
 * Takes runs from `from` on of the `count` at `list`. Those that can be extracted are, into `out`; the others
 * move to the front of the list: short ones, those with fewer than `reach` bytes on a side, and adjacent
 * ones, which are parts of one. `base`: word index of the window, which has `length` bytes and whose file
 * offset is `offset`. `keeps`: with the bytes of the runs. Stops at a run of more than `most` words, or when
 * `room` might be exceeded, and returns its index.
 */
export function extractRuns(
  list: usize, count: i32, from: i32, base: f64, window: usize, length: i32, offset: f64, reach: i32,
  most: i32, keeps: bool, out: usize, room: i32,
): i32 {
  if (from == 0) {
    left = 0;
    lastEnd = -1;
  }
  let next = out;
  kept = 0;
  let i = from;
  for (; i < count; i++) {
    const packed = load<f64>(list + (<usize>i << 3));
    const index = floor(packed / ID);
    const words = wordsOf(packed);
    const x = <i32>(index - base) * 8;
    const isAdjacent = lastEnd == index ||
      (i + 1 < count && floor(load<f64>(list + (<usize>i << 3), 8) / ID) == index + <f64>words);
    if (words < SHORTEST || x < reach || x + words * 8 + reach > length || isAdjacent) {
      lastEnd = index + <f64>words;
      store<f64>(list + (<usize>left << 3), packed);
      left++;
      continue;
    }
    if (words <= most && <i32>(next - out) + (words + AROUND) * EACH > room) break;
    lastEnd = index + <f64>words;
    if (words > most) break;
    next = extractRun(window + x, words, offset + <f64>x, reach, keeps, next);
  }
  bytes = <i32>(next - out);
  return i;
}

// Returns the end of the records.
function extractRun(at: usize, words: i32, offset: f64, reach: i32, keeps: bool, out: usize): usize {
  store<f64>(out, offset);
  store<f64>(out, <f64>words, 16);
  const body = words > LONG && !begins(at, reach);
  const size = keeps && !body ? words * 8 + 2 * MARGIN : 0;
  store<u32>(out, RUN | (body ? BODY << 8 : 0), 8);
  store<u32>(out, size, 12);
  const records = out + HEADER + size;
  if (body) return records;
  if (size > 0) memory.copy(out + HEADER, at - MARGIN, size);
  if (extract(at, words, reach, words * 8 + reach, 3, offset, records) < 0) return out;
  kept += size;
  return recordsEnd();
}
