// From a run of random-looking words to the numbers that may stand in it, in one call a piece: what the number search keeps. Plain
// WebAssembly (no SIMD), without data of its own: it shares the memory of the sweep kernel, or of the number search's.
//   gate.as.ts     scores and distinct bytes
//   windows.as.ts  windows that may be a whole big integer, for RSA
//   own.as.ts      those that have a run to themselves, at any byte and of any length
//   odd.as.ts      those that have one of any length
//   packed.as.ts   n, p and q without a gap, where they begin
//   digits.as.ts   big integers written in digits
//   scalars.as.ts  numbers of a curve's size
//   curve-digits.as.ts  those in digits
//   points.as.ts   uncompressed points
// The host is src/noise/extractor.ts.

import { digits } from './digits.as';
import { isQuiet, looksLikeDigits, looksRandom, looksRandomIn, openSums, setGate } from './gate.as';
import { odd, setOdd } from './odd.as';
import { own, setOwn } from './own.as';
import { packed } from './packed.as';
import { points } from './points.as';
import { openRecords, recordsEnd } from './records.as';
import { scalars } from './scalars.as';
import { setWindows, windows, wordsBeyond } from './windows.as';

export { looksRandomIn, setGate, setOdd, setOwn, setWindows };

const GATE: i32 = 32;
// What the searches read before a piece and behind it at most.
const BEFORE: i32 = 40;
const BEHIND: i32 = 144;

/**
 * Records of the piece of `words` words at `at`, with so many bytes readable before and `after` from it on, to `out`. `edges`: bit 0 where its run
 * begins here, bit 1 where it ends here. Answers the bytes written, or -1 where no end of the run that the piece has looks random.
 */
export function extract(
  at: usize, words: i32, before: i32, after: i32, edges: i32, offset: f64, out: usize,
): i32 {
  const behind = words << 3;
  const more = edges & 2 ? wordsBeyond(words, at + behind, (after - behind) >> 3) : 0;
  openSums(at - min(before, BEFORE), at + min(after, behind + (more << 3) + BEHIND));
  if (!isRandom(at, words, before, after, edges)) return -1;
  openRecords(out, at, offset);
  windows(at, words + more, before, after, (edges & 1) != 0, (edges & 2) != 0);
  if (edges == 3) {
    own(at, words, before, after);
    odd(at, words + more, before, after);
  }
  digits(at, words, before, after);
  if (edges & 1) {
    packed(at, words, before, after);
    scalars(at, words, before, after);
  }
  points(at, words, before, after);
  return <i32>(recordsEnd() - out);
}

/**
 * True where an object may begin at `at`, as before any in a heap a quiet word stands before it, or before its first word where the net missed that: what is
 * long and begins otherwise is compressed or encrypted, and no number stands in it, nor at its end.
 */
export function begins(at: usize, before: i32): bool {
  return before < 16 || isQuiet(at - 8) || isQuiet(at - 16);
}

// One edge at least of nearly every run that holds a number looks random; code and tables end here. The number may begin a
// word before its run or end a word behind it, and of a run of three words it does one of both, or half of each.
function isRandom(at: usize, words: i32, before: i32, after: i32, edges: i32): bool {
  const end = words * 8 - GATE;
  if ((edges & 1) != 0 && isRandomAt(at, 0, before, after)) return true;
  if (end < 0) return isRandomAt(at, -8, before, after) || isRandomAt(at, -4, before, after);
  return (edges & 2) != 0 && isRandomAt(at, end, before, after);
}

function isRandomAt(at: usize, x: i32, before: i32, after: i32): bool {
  return before + x >= 0 && x + GATE <= after && (looksRandom(at + x, GATE) || looksLikeDigits(at + x));
}
