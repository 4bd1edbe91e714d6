// Does a window look random? The twin of src/numbers/gate.ts; scores are summed once for all windows of a piece.

let scores: usize = 0; // i8[256]
let gates: usize = 0; // {i32 most score, i32 least distinct} for 0, 16, 32, 48, 64, 80, 96 bytes
let sums: usize = 0; // i32: score of the bytes before each one, from `first` on
let seen: usize = 0; // u32[256]
let generation: u32 = 0;
let first: usize = 0;

export function setGate(scoreTable: usize, gateTable: usize, sumTable: usize, seenTable: usize): void {
  scores = scoreTable;
  gates = gateTable;
  sums = sumTable;
  seen = seenTable;
}

/** Sums the scores of [from, to): windows inside are judged by score(). */
export function openSums(from: usize, to: usize): void {
  first = from;
  let sum: i32 = 0;
  let out = sums;
  for (let p = from; p < to; p++, out += 4) {
    store<i32>(out, sum);
    sum += <i32>load<i8>(scores + <usize>load<u8>(p));
  }
  store<i32>(out, sum);
}

@inline export function score(p: usize, length: usize): i32 {
  const at = sums + ((p - first) << 2);
  return load<i32>(at + (length << 2)) - load<i32>(at);
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

/** As {@link looksRandom}, for a window whose scores are not summed; it may score `slack` more and have `fewer` distinct bytes less. */
export function looksRandomAt(p: usize, length: usize, slack: i32, fewer: i32): bool {
  const gate = gates + (length >>> 4 << 3);
  return looksRandomIn(p, length, load<i32>(gate) + slack, load<i32>(gate, 4) - fewer);
}

/** As {@link looksRandom}, for a window of any length with its limits. */
export function looksRandomIn(p: usize, length: usize, most: i32, least: i32): bool {
  let sum: i32 = 0;
  for (let q = p, end = p + length; q < end; q++) sum += <i32>load<i8>(scores + <usize>load<u8>(q));
  return sum <= most && distinct(p, length) >= least;
}

/** `length`: 32, 48, 64 or 96. The window lies among the summed bytes. */
export function looksRandom(p: usize, length: usize): bool {
  const gate = gates + (length >>> 4 << 3);
  return score(p, length) <= load<i32>(gate) && distinct(p, length) >= load<i32>(gate, 4);
}

// V8's small integers of 26 bits where pointers are compressed: as in src/noise/weights.ts.
const MOST_SCORE_SMALL: i32 = 160;
const NO_SMALL: u64 = 0xf8000001f8000001;

/** All 32-bit words of 32 bytes are such integers, and otherwise look random. The window lies among the summed bytes. */
export function looksSmall(p: usize): bool {
  const bits = load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24);
  return (bits & NO_SMALL) == 0 && score(p, 32) <= MOST_SCORE_SMALL && distinct(p, 32) >= load<i32>(gates, 20);
}

@inline export function zeroBytes(p: usize): i32 {
  const x = load<u64>(p);
  const low: u64 = 0x7f7f7f7f7f7f7f7f;
  return <i32>popcnt(~(((x & low) + low) | x | low));
}

/** The word may be a number's own end, missed by the net for its top bits. */
@inline export function isGrey(p: usize): bool {
  return zeroBytes(p) <= 1;
}

/** The word is no part of a number: a length, a header, a pointer, padding. */
@inline export function isQuiet(p: usize): bool {
  return zeroBytes(p) >= 2;
}
