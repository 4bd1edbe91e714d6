// The two queues of the literal kernel. The main loop fills them without branching; they are drained every 16
// KiB.

import { confirmPlain, confirmWide } from './confirm.as';
import { classOf, highNibbles, lowNibbles, mask64, nonZero16 } from './simd.as';

// Plain slot: the four bucket vectors of a 64-byte block (non-zero byte = a key may end here), then the
// block's address.
export const PLAIN_SLOT: usize = 80;
// Wide slot: u64 mask of the bytes that end x 00 x 00 x (x not zero), then the block's address.
export const WIDE_SLOT: usize = 16;

const EVEN: u64 = 0x5555555555555555;

export function drainPlain(slot: usize, end: usize): void {
  for (; slot < end; slot += PLAIN_SLOT) {
    const keys = <usize>load<u32>(slot, 64) - 2;
    let ends = nonZero16(v128.load(slot)) | (nonZero16(v128.load(slot, 16)) << 16);
    ends |= (nonZero16(v128.load(slot, 32)) << 32) | (nonZero16(v128.load(slot, 48)) << 48);
    for (; ends != 0; ends &= ends - 1) confirmPlain(keys + <usize>ctz(ends));
  }
}

export function drainWide(slot: usize, end: usize, tables: usize): void {
  for (; slot < end; slot += WIDE_SLOT) {
    const block = <usize>load<u32>(slot, 8);
    // Wide literals are printable. This rejects most blocks of small 16-bit integers.
    const printable = printable64(block);
    const ends = load<u64>(slot) & printable & ((printable << 2) | 3) & ((printable << 4) | 15);
    if (ends & EVEN) narrow(ends, block, tables);
    if (ends & ~EVEN) narrow(ends >>> 1, block + 1, tables);
  }
}

// @ts-ignore: decorator
@inline
function printable64(p: usize): u64 {
  const space = i8x16.splat(0x1f);
  return mask64(
    i8x16.gt_s(v128.load(p), space),
    i8x16.gt_s(v128.load(p, 16), space),
    i8x16.gt_s(v128.load(p, 32), space),
    i8x16.gt_s(v128.load(p, 48), space),
  );
}

// Applies the same tables to every second byte of 64. The even bits of `ends` mark the third characters.
function narrow(ends: u64, p: usize, tables: usize): void {
  const first = keysEnding(p, tables);
  const second = keysEnding(p + 32, tables);
  if (!v128.any_true(v128.or(first, second))) return;
  for (let found = nonZero16(first) | (nonZero16(second) << 16); found != 0; found &= found - 1) {
    const at = <usize>ctz(found) << 1;
    if ((ends >>> at) & 1) confirmWide(p + at - 4);
  }
}

// @ts-ignore: decorator
@inline
function keysEnding(p: usize, tables: usize): v128 {
  return v128.and(
    wideClass(p - 4, tables),
    v128.and(wideClass(p - 2, tables + 32), wideClass(p, tables + 64)),
  );
}

// @ts-ignore: decorator
@inline
function wideClass(p: usize, table: usize): v128 {
  const x = i8x16.shuffle(
    v128.load(p), v128.load(p, 16),
    0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
  );
  return classOf(v128.load(table), v128.load(table, 16), lowNibbles(x), highNibbles(x));
}
