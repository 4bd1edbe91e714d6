// Numbers of a curve's size stored as digits: 30 bits in 4 bytes (CPython's int) or 60 bits in 8 (libtommath,
// used by dropbear). Each has an object of its own, with a length or header before the first digit. The last
// digit holds the remaining bits.

import { isIntArray, digitsLookRandom } from './gate.as';
import { LONG, record } from './records.as';

// Encodings in the order of src/search/core/integer-encodings.ts.
const DIGITS30: u32 = 3;
const DIGITS60: u32 = 4;

/**
 * Writes a record for each size and digit width that fits at `p`, as whole little-endian words. `end`: end of
 * the readable bytes. `headed`: the word before is readable.
 */
export function curveDigits(p: usize, end: usize, flags: u32, headed: bool): void {
  if (p + 32 > end) return;
  if (load<u32>(p) >>> 30 == 0 && load<u32>(p, 4) >>> 30 == 0) sizes(p, end, 2, 30, flags | (DIGITS30 << 2), 16, headed);
  if (load<u64>(p) >>> 60 == 0) sizes(p, end, 3, 60, flags | (DIGITS60 << 2), 18, headed);
}

// `log`: log2 of a digit's bytes. `slack`: by how much a word with digits may exceed the score limit of
// random words. The number of consecutive digits decides the size: a shorter number would end earlier.
function sizes(p: usize, end: usize, log: u32, bits: u32, detail: u32, slack: i32, headed: bool): void {
  let q = p;
  while (q + (1 << log) <= end && digit(q, log) >>> bits == 0) q += 1 << log;
  const count = <u32>((q - p) >>> log);
  number(p, count, digitsOf(256, bits), log, bits, 256, 32, detail, slack);
  number(p, count, digitsOf(320, bits), log, bits, 320, 40, detail, slack);
  number(p, count, digitsOf(384, bits), log, bits, 384, 48, detail, slack);
  number(p, count, digitsOf(512, bits) - (headed && log == 2 && isShort(p) ? 1 : 0), log, bits, 512, 64, detail, slack);
  number(p, count, digitsOf(521, bits), log, bits, 521, 72, detail, slack);
}

@inline function digitsOf(total: u32, bits: u32): u32 {
  return (total + bits - 1) / bits;
}

// A 512-bit number has two bits in its eighteenth digit. If they are zero (3 in 8 for Brainpool) and the
// digit is missing, the header says so: as a count, or shifted left by 3 (CPython 3.12, lv_tag).
@inline function isShort(p: usize): bool {
  return isIntArray(p, 17) || isIntArray(p, 17 << 3);
}

function number(
  p: usize, count: u32, length: u32, log: u32, bits: u32, total: u32, size: u32, detail: u32, slack: i32,
): void {
  if (count < length) return;
  const last = digit(p + (<usize>(length - 1) << log), log);
  if (last == 0 || last >>> (total - (length - 1) * bits) != 0) return;
  const window: i32 = size < 48 ? 32 : 48;
  if (!digitsLookRandom(p, window, slack * (window >>> 3), 0)) return;
  pack(p, length, log, bits, record(p, LONG, detail, size, size), size);
}

function pack(p: usize, count: u32, log: u32, bits: u32, out: usize, size: usize): void {
  const behind = out + size;
  let word: u64 = 0;
  let shift: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = digit(p + (<usize>i << log), log);
    word |= value << shift;
    shift += bits;
    if (shift < 64) continue;
    store<u64>(out, word);
    out += 8;
    shift -= 64;
    word = value >>> (bits - shift);
  }
  if (out < behind) store<u64>(out, word);
}

@inline function digit(p: usize, log: u32): u64 {
  return log == 2 ? <u64>load<u32>(p) : load<u64>(p);
}
