// Vector helpers of the kernels.

// Table lookup by index 0 to 15. Below 16 the relaxed and the strict instruction agree by specification
// (WebAssembly relaxed SIMD, "relaxed_swizzle"); V8's strict one costs an extra saturating add.
// @ts-ignore: decorator
@inline
export function lookUp(table: v128, index: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(table, index) : i8x16.swizzle(table, index);
}

// @ts-ignore: decorator
@inline
export function lowNibbles(x: v128): v128 {
  return v128.and(x, i8x16.splat(15));
}

// @ts-ignore: decorator
@inline
export function highNibbles(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), i8x16.splat(15));
}

// The bucket set (one bit each) of each byte.
// @ts-ignore: decorator
@inline
export function classOf(lowTable: v128, highTable: v128, low: v128, high: v128): v128 {
  return v128.and(lookUp(lowTable, low), lookUp(highTable, high));
}

// The 16 bytes ending 1 byte before the end of `x`; `before` precedes `x`.
// @ts-ignore: decorator
@inline
export function shiftIn1(before: v128, x: v128): v128 {
  return i8x16.shuffle(before, x, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}

// @ts-ignore: decorator
@inline
export function shiftIn2(before: v128, x: v128): v128 {
  return i8x16.shuffle(before, x, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
}

// Top bits of 64 bytes, first byte in bit 0.
// @ts-ignore: decorator
@inline
export function mask64(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>i8x16.bitmask(a) |
    (<u64>i8x16.bitmask(b) << 16) |
    (<u64>i8x16.bitmask(c) << 32) |
    (<u64>i8x16.bitmask(d) << 48)
  );
}

// Mask of the non-zero bytes.
// @ts-ignore: decorator
@inline
export function nonZero16(x: v128): u64 {
  return <u64>(~i8x16.bitmask(i8x16.eq(x, i8x16.splat(0))) & 0xffff);
}
