// The digit net: finds big integers of JavaScript libraries, stored as arrays of digits of 26 or 28 bits.
// V8 keeps the digits as small integers in the upper half of a word, or as doubles; JavaScriptCore keeps them
// in the lower half, below a tag. Such words do not look random. But three bytes of each are zero, or exactly
// the two below the tag are. A prime of 1,024 bits fills at least three blocks of 64 bytes, one of 256 bits
// fills half a block.
//
// A block passes if all its words are digits of one kind, no two neighbours are equal and at least two are
// 2^24 or more, which is rare in arrays of indices, lengths and colours. If the block fails, each half is
// tested on its own. Adjacent passing blocks form one run.

const LOW: u32 = 0x07070707;
// Zero-byte mask of tagged words: bytes 4 and 5 are zero, bytes 6 and 7 (the tag) are not.
const TAGGED: u32 = 0x30303030;
const UPPER: u32 = 0xf0f0f0f0;
const TAG: u32 = 0xfffe0000;
const MOST: u32 = 1 << 28;
const LARGE: u32 = 1 << 24;
const BLOCK: usize = 64;
const HALF: usize = 32;
const ID: f64 = 16777216;

let out: usize = 0;
let count: u32 = 0;
let first: usize = 0;
let end: usize = 0;
let firstWord: f64 = 0;
// End of the last run.
let last: usize = 0;

// `runs`: one f64 per block of a chunk, and one more.
export function setDigits(runs: usize): void {
  out = runs;
}

export function openDigits(buffer: usize, length: usize, offset: f64): void {
  first = buffer;
  end = buffer + length;
  firstWord = offset / 8;
  count = 0;
  last = 0;
}

export function digitRuns(): u32 {
  return count;
}

// `zeros`: zero-byte mask of a block, one bit per byte.
// @ts-ignore: decorator
@inline
export function mayHoldDigits(zeros: u64): bool {
  return mayHold(<u32>zeros) || mayHold(<u32>(zeros >>> 32));
}

// @ts-ignore: decorator
@inline
function mayHold(zeros: u32): bool {
  return (zeros & LOW) == LOW || (zeros & UPPER) == TAGGED;
}

export function digitBlock(p: usize, zeros: u64): void {
  // Skip the margin, which is outside the chunk, and a block cut off by the end of the file.
  if (p + BLOCK > end) return;
  const lower = mayHold(<u32>zeros);
  const upper = mayHold(<u32>(zeros >>> 32));
  if (lower && upper && holdsDigits(p, BLOCK)) {
    add(p, BLOCK);
    return;
  }
  if (lower && holdsDigits(p, HALF)) add(p, HALF);
  if (upper && holdsDigits(p + HALF, HALF)) add(p + HALF, HALF);
}

function add(p: usize, length: usize): void {
  const words = <f64>(length >>> 3);
  if (p == last) {
    const slot = out + (<usize>(count - 1) << 3);
    store<f64>(slot, load<f64>(slot) + words);
  } else {
    store<f64>(out + (<usize>count << 3), (firstWord + <f64>((p - first) >>> 3)) * ID + words);
    count++;
  }
  last = p + length;
}

function holdsDigits(p: usize, length: usize): bool {
  const small = load<u32>(p) == 0 && load<u32>(p, 4) < MOST;
  const tagged = load<u32>(p, 4) == TAG;
  let before: u32 = 0;
  let large = 0;
  for (let q = p; q < p + length; q += 8) {
    const digit = small ? smallDigit(q) : tagged ? taggedDigit(q) : doubleDigit(q);
    if (digit == 0 || digit == before) return false;
    large += i32(digit >= LARGE);
    before = digit;
  }
  return large > 1;
}

// 0 if the word is not such a digit.
function smallDigit(q: usize): u32 {
  const digit = load<u32>(q, 4);
  return load<u32>(q) == 0 && digit < MOST ? digit : 0;
}

function taggedDigit(q: usize): u32 {
  const digit = load<u32>(q);
  return load<u32>(q, 4) == TAG && digit < MOST ? digit : 0;
}

function doubleDigit(q: usize): u32 {
  const value = load<f64>(q);
  if (!(value >= 1 && value < <f64>MOST)) return 0;
  const digit = <u32>value;
  return <f64>digit == value ? digit : 0;
}
