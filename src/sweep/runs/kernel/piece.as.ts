// The numbers of one piece of a run.

import { digits } from './digits.as';
import { looksLikeDigits, looksRandom, openSums } from './gate.as';
import { odd } from './odd.as';
import { own } from './own.as';
import { points } from './points.as';
import { openRecords, recordsEnd } from './records.as';
import { scalars } from './scalars.as';
import { mayBegin, windows, wordsBeyond } from './windows.as';

const GATE: i32 = 32;
// Most bytes that the extractors read before and after a piece.
const BEFORE: i32 = 40;
const BEHIND: i32 = 144;
// The same up to a few words: no points, and before the run only a word that may belong to a number.
const FEW: i32 = 4;
const BEFORE_FEW: i32 = 8;
const BEHIND_FEW: i32 = 24;

/**
 * Writes the records of the piece of `words` words at `at` to `out`. `before`, `after`: readable bytes before
 * and from `at`. `edges`: bit 0 if the run begins with the piece, bit 1 if it ends with it. Returns the bytes
 * written, or -1 if no end of the run in this piece looks random.
 */
export function extract(
  at: usize, words: i32, before: i32, after: i32, edges: i32, offset: f64, out: usize,
): i32 {
  const behind = words << 3;
  const more = edges & 2 ? wordsBeyond(words, at + behind, (after - behind) >> 3) : 0;
  const few = words + more <= FEW;
  const ahead = few && before >= BEFORE && !mayBegin(at - 8) ? BEFORE_FEW : BEFORE;
  openSums(at - min(before, ahead), at + min(after, behind + (more << 3) + (few ? BEHIND_FEW : BEHIND)));
  if (!isRandom(at, words, before, after, edges)) return -1;
  openRecords(out, at, offset);
  windows(at, words + more, before, after, (edges & 1) != 0, (edges & 2) != 0);
  if (edges == 3) {
    own(at, words, before, after);
    odd(at, words + more, before, after);
  }
  digits(at, words, before, after);
  if (edges & 1) scalars(at, words, before, after);
  points(at, words, before, after);
  return <i32>(recordsEnd() - out);
}

// Nearly every run that holds a number has a random-looking edge; code and tables are rejected here. The
// number may begin a word before its run or end a word after it. In a run of three words it does one of both,
// or half of each.
function isRandom(at: usize, words: i32, before: i32, after: i32, edges: i32): bool {
  const end = words * 8 - GATE;
  if ((edges & 1) != 0 && isRandomAt(at, 0, before, after)) return true;
  if (end < 0) return isRandomAt(at, -8, before, after) || isRandomAt(at, -4, before, after);
  return (edges & 2) != 0 && isRandomAt(at, end, before, after);
}

function isRandomAt(at: usize, x: i32, before: i32, after: i32): bool {
  return before + x >= 0 && x + GATE <= after && (looksRandom(at + x, GATE) || looksLikeDigits(at + x));
}
