// Which windows of a run look like a whole RSA integer of s words (s * 64 bits)?
//
//   low word odd, top bit set         by the reading: little-endian limbs, big-endian bytes, Java int[] (in this order)
//   byte score below the size's limit random bytes score low, machine code and tables high (gate.ts)
//   no factor 3 5 7 11 13 31 41 61    value mod 2^60 - 1
//   nor 17 257                        value mod 2^64 - 1
//   nor any other prime up to 109     value mod four products of them, for the few that are left: half the pairs of the join
//
// The first two moduli need no division: 2^64 = 2^4 mod 2^60 - 1, so that word i weighs 2^(4i mod 60), and words simply add up mod 2^64 - 1.
// A prime passes, and so does the product of two: p, q and n come out of the same gate.

const LE: i32 = 0;
const BE: i32 = 1;
const INT32: i32 = 2;
/** Shorter numbers stand everywhere: of them only the edges of runs are looked at. */
const LEAST_DENSE: i32 = 8;
const M60: u64 = (<u64>1 << 60) - 1;
const GOLDEN: u64 = 0x9e3779b97f4a7c15;

let scores: usize = 0; // i16[256]
let sizes: usize = 0; // {u32 words, i32 limit}[count]
let count: i32 = 0;
let seen: usize = 0; // u64[2^seenBits]: fingerprints of windows that were kept lately
let seenBits: u64 = 0;
let records: usize = 0; // {i32 byte offset from the run's start, u32 size index | reading << 8, u64 low word}[capacity]
let capacity: i32 = 0;
let kept: i32 = 0;

export function setWindows(
  scoreTable: usize, sizeTable: usize, sizeCount: i32, seenTable: usize, bits: i32, out: usize, most: i32,
): void {
  scores = scoreTable;
  sizes = sizeTable;
  count = sizeCount;
  seen = seenTable;
  seenBits = <u64>bits;
  records = out;
  capacity = most;
}

@inline function word(p: usize, reading: i32): u64 {
  const w = load<u64>(p);
  return reading == LE ? w : reading == BE ? bswap<u64>(w) : rotl<u64>(w, 32);
}

function hasSmallFactor(p: usize, s: i32, reading: i32): bool {
  let a: u64 = 0;
  let b: u64 = 0;
  let shift: u64 = 0;
  for (let i = 0; i < s; i++) {
    const w = word(p + ((reading == LE ? i : s - 1 - i) << 3), reading);
    b += w;
    if (b < w) b++;
    const low = (w & M60) + (w >>> 60);
    a += ((low << shift) & M60) + (shift ? low >>> (60 - shift) : 0);
    a = (a & M60) + (a >>> 60);
    shift += 4;
    if (shift == 60) shift = 0;
  }
  if (a % 3 == 0 || a % 5 == 0 || a % 7 == 0 || a % 11 == 0) return true;
  if (a % 13 == 0 || a % 31 == 0 || a % 41 == 0 || a % 61 == 0) return true;
  if (b % 17 == 0 || b % 257 == 0) return true;
  return shares(p, s, reading, 947648921, SMALL_1) || shares(p, s, reading, 1085885147, SMALL_2) ||
    shares(p, s, reading, 56606581, SMALL_3) || shares(p, s, reading, 121330189, SMALL_4);
}

const SMALL_1 = memory.data<u8>([19, 23, 29, 37, 43, 47, 0]);
const SMALL_2 = memory.data<u8>([53, 59, 67, 71, 73, 0]);
const SMALL_3 = memory.data<u8>([79, 83, 89, 97, 0]);
const SMALL_4 = memory.data<u8>([101, 103, 107, 109, 0]);

/** Does the number share a factor with `product`, the product of the bytes at `factors`? */
function shares(p: usize, s: i32, reading: i32, product: u64, factors: usize): bool {
  let rest: u64 = 0;
  for (let i = s - 1; i >= 0; i--) {
    const w = word(p + ((reading == LE ? i : s - 1 - i) << 3), reading);
    rest = ((rest << 32) | (w >>> 32)) % product;
    rest = ((rest << 32) | (w & 0xffffffff)) % product;
  }
  for (let f = factors; load<u8>(f) != 0; f++) if (rest % <u64>load<u8>(f) == 0) return true;
  return false;
}

/** False where the same window was kept lately: copies of one number need be tried once. */
function isNew(low: u64, size: i32, reading: i32): bool {
  const tag = low ^ (<u64>(size * 3 + reading + 1) << 48);
  const slot = seen + (<usize>((tag * GOLDEN) >>> (64 - seenBits)) << 3);
  if (load<u64>(slot) == tag) return false;
  store<u64>(slot, tag);
  return true;
}

function examine(run: usize, p: usize, s: i32, size: i32, limit: i32): void {
  const first = load<u64>(p);
  const last = load<u64>(p + ((s - 1) << 3));
  let passed: i32 = 0;
  if ((first & 1) != 0 && (last >>> 63) != 0) passed |= 1;
  if (((last >>> 56) & 1) != 0 && ((first >>> 7) & 1) != 0) passed |= 2;
  if (((last >>> 32) & 1) != 0 && ((first >>> 31) & 1) != 0) passed |= 4;
  if (passed == 0) return;
  let sum = 0;
  for (let end = p + (s << 3), q = p; q < end; q++) sum += <i32>load<i16>(scores + (<usize>load<u8>(q) << 1));
  if (sum > limit) return;
  for (let reading = LE; reading <= INT32; reading++) {
    if (!(passed & (1 << reading)) || hasSmallFactor(p, s, reading)) continue;
    const low = word(reading == LE ? p : p + ((s - 1) << 3), reading);
    if (!isNew(low, size, reading)) continue;
    if (kept < capacity) {
      const at = records + (<usize>kept << 4);
      store<i32>(at, <i32>(p - run));
      store<u32>(at, <u32>(size | (reading << 8)), 4);
      store<u64>(at, low, 8);
    }
    kept++;
  }
}

/**
 * Windows of a run of `words` words at `run`. They may begin at word `from` (-1 where the word before may belong to the
 * number) and end at word `to` (words + 1 where the one behind may). Up to `dense` words every window is looked at (of 8 words and more), in
 * longer runs those that begin or end within a word of the run's edges. A window whose first byte is zero is also read a byte later:
 * Java and DER write a zero before a number whose top bit is set. Returns the number of records.
 */
export function windows(run: usize, words: i32, from: i32, to: i32, dense: i32): i32 {
  kept = 0;
  for (let k = 0; k < count; k++) {
    const s = load<i32>(sizes + (k << 3));
    const limit = load<i32>(sizes + (k << 3), 4);
    if (to - from < s) continue;
    const last = to - s;
    const edge = words <= dense && s >= LEAST_DENSE ? last : min(1, last);
    const tail = max(edge + 1, words - s - 1);
    for (let i = from; i <= last; i++) {
      if (i > edge && i < tail) i = tail;
      const p = run + (i << 3);
      examine(run, p, s, k, limit);
      if (load<u8>(p) == 0) examine(run, p + 1, s, k, limit);
    }
  }
  return kept;
}
