// Joins on 64-bit words through a bitmap of hashed words: one bit says "perhaps", the host looks up the rest.

const GOLDEN: u64 = 0x9e3779b97f4a7c15;

@inline function bit(value: u64, bits: u64): usize {
  return <usize>((value * GOLDEN) >>> (64 - bits));
}

/** Empties a bitmap of 2^bits bits. */
export function clear(map: usize, bits: i32): void {
  memory.fill(map, 0, <usize>1 << (bits - 3));
}

/** Enters `count` words. */
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
 * Pairs (i, j), from <= i < to, i < j < count, j at most `reach` behind i, whose product mod 2^64 is perhaps in the bitmap.
 * Writes u32 pairs; stops at the first i for which they may not fit. Returns their number; the next i is stored at `next`.
 */
export function join(
  words: usize, from: i32, to: i32, count: i32, reach: i32, map: usize, bits: i32, out: usize, most: i32, next: usize,
): i32 {
  let n = 0;
  let i = from;
  for (; i < to && n + reach <= most; i++) {
    const a = load<u64>(words + (<usize>i << 3));
    const end = min(count, i + 1 + reach);
    for (let j = i + 1; j < end; j++) {
      if (!has(a * load<u64>(words + (<usize>j << 3)), map, <u64>bits)) continue;
      store<u32>(out + (<usize>n << 3), <u32>i);
      store<u32>(out + (<usize>n << 3), <u32>j, 4);
      n++;
    }
  }
  store<i32>(next, i);
  return n;
}

/** Places p in [at, at + length) whose 8 bytes are perhaps in the bitmap, as u32 distances from `at`, `step` bytes apart. */
export function probe(at: usize, length: i32, step: i32, map: usize, bits: i32, out: usize, most: i32): i32 {
  let n = 0;
  for (let i = 0; i < length && n < most; i += step) {
    if (!has(load<u64>(at + i), map, <u64>bits)) continue;
    store<u32>(out + (<usize>n << 2), <u32>i);
    n++;
  }
  return n;
}
