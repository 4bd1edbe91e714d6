// Extracts candidate numbers from a run of random-looking words, one call per piece; the number search keeps
// the records. WebAssembly without SIMD and without static data: it shares the memory of the sweep kernel or
// of the number search.
//   gate.as.ts          the randomness test: scores and distinct bytes
//   windows.as.ts       windows that may be a whole RSA integer
//   own.as.ts           such integers that fill a run, at any byte and of any length
//   odd.as.ts           the same with a length that is not a multiple of 128 bits
//   packed.as.ts        n, p and q without a gap
//   digits.as.ts        big integers stored as digits
//   scalars.as.ts       numbers of a curve's size
//   curve-digits.as.ts  the same stored as digits
//   points.as.ts        uncompressed points
// The host is src/runs/extractor.ts.

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
// Most bytes that the extractors read before and after a piece.
const BEFORE: i32 = 40;
const BEHIND: i32 = 144;

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
 * True if a heap object may begin at `at`: a quiet word precedes it, or precedes a first word missed by the
 * entropy net. A long run that begins otherwise is compressed or encrypted and holds no number, not even
 * at its end.
 */
export function begins(at: usize, before: i32): bool {
  return before < 16 || isQuiet(at - 8) || isQuiet(at - 16);
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
