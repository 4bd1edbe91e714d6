// Joins on 64-bit words through bitmaps of hashed words (Bloom filters with one hash). The host verifies the
// matches.

const GOLDEN: u64 = 0x9e3779b97f4a7c15;

@inline function bit(value: u64, bits: u64): usize {
  return <usize>((value * GOLDEN) >>> (64 - bits));
}

/** Empties a bitmap of 2^bits bits. */
export function clear(map: usize, bits: i32): void {
  memory.fill(map, 0, <usize>1 << (bits - 3));
}

/** Inserts `count` words. */
export function mark(words: usize, count: i32, map: usize, bits: i32): void {
  for (let i = 0; i < count; i++) {
    const x = bit(load<u64>(words + (<usize>i << 3)), <u64>bits);
    store<u8>(map + (x >>> 3), <u8>(<u32>load<u8>(map + (x >>> 3)) | (<u32>1 << (<u32>x & 7))));
  }
}

@inline function has(value: u64, map: usize, bits: u64): bool {
  const x = bit(value, bits);
  return ((<u32>load<u8>(map + (x >>> 3)) >>> (<u32>x & 7)) & 1) != 0;
}

/**
 * Inserts words, indexed by their top bits without hashing: the top bits of products are mixed well enough.
 */
export function markTops(words: usize, count: i32, map: usize, bits: i32): void {
  for (let i = 0; i < count; i++) {
    const x = <usize>(load<u64>(words + (<usize>i << 3)) >>> (64 - <u64>bits));
    store<u8>(map + (x >>> 3), <u8>(<u32>load<u8>(map + (x >>> 3)) | (<u32>1 << (<u32>x & 7))));
  }
}

@inline function top(value: u64, map: usize, shift: u64): u32 {
  const x = <usize>(value >>> shift);
  return <u32>load<u8>(map + (x >>> 3)) >>> (<u32>x & 7);
}

/**
 * Pairs (i, j), from <= i < to, i < j < count, j - i <= `reach`, whose product mod 2^64 is possibly in both
 * bitmaps: `tops` (by markTops, small enough for the L2 cache) and `map` (by mark). Writes u32 index pairs
 * and returns their count. Stops at the first i whose pairs may not fit; the next i is stored at `next`.
 */
export function join(
  words: usize, from: i32, to: i32, count: i32, reach: i32,
  tops: usize, topBits: i32, map: usize, bits: i32, out: usize, most: i32, next: usize,
): i32 {
  const shift = 64 - <u64>topBits;
  let n = 0;
  let i = from;
  for (; i < to && n + reach <= most; i++) {
    const a = load<u64>(words + (<usize>i << 3));
    let q = words + (<usize>(i + 1) << 3);
    const end = words + (<usize>min(count, i + 1 + reach) << 3);
    // Four at a time with one branch.
    for (; q + 24 < end; q += 32) {
      const any =
        top(a * load<u64>(q), tops, shift) | top(a * load<u64>(q, 8), tops, shift) |
        top(a * load<u64>(q, 16), tops, shift) | top(a * load<u64>(q, 24), tops, shift);
      if ((any & 1) == 0) continue;
      for (let k: usize = 0; k < 32; k += 8) {
        const product = a * load<u64>(q + k);
        if ((top(product, tops, shift) & 1) != 0 && has(product, map, <u64>bits))
          n = pair(out, n, i, <i32>((q + k - words) >>> 3));
      }
    }
    for (; q < end; q += 8)
      if (has(a * load<u64>(q), map, <u64>bits)) n = pair(out, n, i, <i32>((q - words) >>> 3));
  }
  store<i32>(next, i);
  return n;
}

@inline function pair(out: usize, n: i32, i: i32, j: i32): i32 {
  store<u32>(out + (<usize>n << 3), <u32>i);
  store<u32>(out + (<usize>n << 3), <u32>j, 4);
  return n + 1;
}

/** Inserts words, indexed by their lowest bits without hashing. */
export function markLows(words: usize, count: i32, map: usize, bits: i32): void {
  const mask = ((<u32>1) << <u32>bits) - 1;
  for (let i = 0; i < count; i++) {
    const x = <usize>(load<u32>(words + (<usize>i << 3)) & mask);
    store<u8>(map + (x >>> 3), <u8>(<u32>load<u8>(map + (x >>> 3)) | (<u32>1 << (<u32>x & 7))));
  }
}

/** `probe` at every byte, with a cache-sized bitmap (`lows`, by markLows) in front of `map`. */
export function probeBytes(
  at: usize, length: i32, lows: usize, lowBits: i32, map: usize, bits: i32, out: usize, most: i32,
): i32 {
  const mask = ((<u32>1) << <u32>lowBits) - 1;
  let n = 0;
  let i = 0;
  // Four at a time with one branch.
  for (; i + 3 < length && n < most; i += 4) {
    const p = at + i;
    const any = low(p, lows, mask) | low(p + 1, lows, mask) | low(p + 2, lows, mask) | low(p + 3, lows, mask);
    if ((any & 1) == 0) continue;
    for (let k = 0; k < 4 && n < most; k++) n = probeByte(at, i + k, lows, mask, map, <u64>bits, out, n);
  }
  for (; i < length && n < most; i++) n = probeByte(at, i, lows, mask, map, <u64>bits, out, n);
  return n;
}

@inline function low(p: usize, lows: usize, mask: u32): u32 {
  const x = <usize>(load<u32>(p) & mask);
  return <u32>load<u8>(lows + (x >>> 3)) >>> (<u32>x & 7);
}

@inline function probeByte(at: usize, i: i32, lows: usize, mask: u32, map: usize, bits: u64, out: usize, n: i32): i32 {
  if ((low(at + i, lows, mask) & 1) == 0 || !has(load<u64>(at + i), map, bits)) return n;
  store<u32>(out + (<usize>n << 2), <u32>i);
  return n + 1;
}

/** Largest distance of two words that count as near. */
const NEAR: u64 = 3;

/** Inserts words for {@link probeNear}. */
export function markNear(words: usize, count: i32, map: usize, bits: i32): void {
  for (let i = 0; i < count; i++) {
    const x = bit(load<u64>(words + (<usize>i << 3)) >>> 3, <u64>bits);
    store<u8>(map + (x >>> 3), <u8>(<u32>load<u8>(map + (x >>> 3)) | (<u32>1 << (<u32>x & 7))));
  }
}

/**
 * Indices of words that are possibly near one in the bitmap, which is indexed by word / 8: seven consecutive
 * values fall into at most two entries.
 */
export function probeNear(words: usize, count: i32, map: usize, bits: i32, out: usize, most: i32): i32 {
  let n = 0;
  for (let i = 0; i < count && n < most; i++) {
    const word = load<u64>(words + (<usize>i << 3));
    const low = (word - NEAR) >>> 3;
    const high = (word + NEAR) >>> 3;
    if (!has(low, map, <u64>bits) && (low == high || !has(high, map, <u64>bits))) continue;
    store<u32>(out + (<usize>n << 2), <u32>i);
    n++;
  }
  return n;
}

/** Offsets from `at`, in steps of `step`, at which 8 bytes are possibly in the bitmap; u32 each. */
export function probe(at: usize, length: i32, step: i32, map: usize, bits: i32, out: usize, most: i32): i32 {
  let n = 0;
  for (let i = 0; i < length && n < most; i += step) {
    if (!has(load<u64>(at + i), map, <u64>bits)) continue;
    store<u32>(out + (<usize>n << 2), <u32>i);
    n++;
  }
  return n;
}
