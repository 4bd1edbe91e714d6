// The needle kernel: finds copies of known keys, i.e. long literals (15 bytes and more).
//
// At any alignment, a needle fully contains one of the data's aligned 8-byte words. The builder inserts one
// word of the needle for each of the 8 alignments, so only aligned words are tested and the speed hardly
// depends on the number of needles.
//
//   per block of 64 bytes, not all zero:
//     for each of its 8 words: h = word * 2^64 / golden ratio; test two bits of one u64 of the filter
//     each word that passes: hash table by linear probing -> needle, offset of the word in it -> full compare
//
// filter    u64 [2^bits], blocked Bloom filter
// table     16 bytes a slot: u64 word, u32 needle index + 1 (0 = free), u32 offset of the word in the needle
// patterns  u32 count, then 12 bytes a needle: u32 flags and id, u32 position of its bytes in this image,
//           u32 length

import { addHit, hitCount, inChunk, openChunk, setHits } from './confirm.as';

const GOLDEN: u64 = 0x9e3779b97f4a7c15;

let filter: usize = 0;
let filterShift: u64 = 0;
let table: usize = 0;
let slotMask: u32 = 0;
let patterns: usize = 0;
let skip: bool = true;

export function init(
  filterImage: usize, filterBits: u32, tableImage: usize, slots: u32, patternImage: usize, skipZeros: u32,
  hits: usize, capacity: u32,
): void {
  filter = filterImage;
  filterShift = 64 - <u64>filterBits;
  table = tableImage;
  slotMask = slots - 1;
  patterns = patternImage;
  skip = skipZeros != 0;
  setHits(hits, capacity);
}

// @ts-ignore: decorator
@inline
function passes(word: u64): u64 {
  const h = word * GOLDEN;
  const bits = load<u64>(filter + (<usize>(h >>> filterShift) << 3));
  return (bits >>> (h & 63)) & (bits >>> ((h >>> 6) & 63)) & 1;
}

function same(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  for (; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

function lookUp(at: usize): void {
  const word = load<u64>(at);
  for (let i = <u32>((word * GOLDEN) >>> 32) & slotMask; ; i = (i + 1) & slotMask) {
    const slot = table + (<usize>i << 4);
    const index = load<u32>(slot, 8);
    if (index == 0) return;
    if (load<u64>(slot) != word) continue;
    const needle = patterns + 4 + <usize>(index - 1) * 12;
    const start = at - <usize>load<u32>(slot, 12);
    const length = <usize>load<u32>(needle, 8);
    if (inChunk(start, length) && same(start, patterns + load<u32>(needle, 4), length)) addHit(start, (index - 1) << 1);
  }
}

// Same contract as `scan` of the literal kernel.
export function scan(buffer: usize, length: usize, margin: usize, offset: f64): u32 {
  openChunk(buffer, length, margin, offset);
  for (let p = buffer, end = buffer + length + margin; p < end; p += 64) {
    const any = v128.or(v128.or(v128.load(p), v128.load(p, 16)), v128.or(v128.load(p, 32), v128.load(p, 48)));
    if (!v128.any_true(any) && skip) continue;
    let found =
      passes(load<u64>(p)) | (passes(load<u64>(p, 8)) << 1) | (passes(load<u64>(p, 16)) << 2) |
      (passes(load<u64>(p, 24)) << 3) | (passes(load<u64>(p, 32)) << 4) | (passes(load<u64>(p, 40)) << 5) |
      (passes(load<u64>(p, 48)) << 6) | (passes(load<u64>(p, 56)) << 7);
    for (; found != 0; found &= found - 1) lookUp(p + (<usize>ctz(found) << 3));
  }
  return hitCount();
}
