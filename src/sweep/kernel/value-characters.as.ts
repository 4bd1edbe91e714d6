// Characters of values: [A-Za-z0-9+/_-]. Tables of src/sweep/values/random.ts.

import { classOf, highNibbles, lowNibbles, mask64 } from './simd.as';

// Kinds of + / _ -, and of _ - alone.
const SEPARATORS: u32 = 192;
const JOINTS: u32 = 128;

// Classes of bytes: 1 is one of + - /, 2 a digit, 4 and 8 upper case, 16 the underscore, 32 and 64 lower
// case.
export const UPPER: i8 = 12;
export const LOWER: i8 = 96;
export const DIGIT: i8 = 2;
export const SEPARATOR: i8 = 17;

// u8[256] kinds.
let kinds: usize = 0;

export function setKinds(table: usize): void {
  kinds = table;
}

// @ts-ignore: decorator
@inline
export function classesOf(x: v128): v128 {
  const low = i8x16(74, 110, 110, 110, 110, 110, 110, 110, 110, 110, 108, 37, 36, 37, 36, 53);
  const high = i8x16(0, 0, 1, 2, 4, 24, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0);
  return classOf(low, high, lowNibbles(x), highNibbles(x));
}

// All bits of each byte that is no character of a value.
// @ts-ignore: decorator
@inline
export function others(x: v128): v128 {
  return i8x16.eq(classesOf(x), i8x16.splat(0));
}

// @ts-ignore: decorator
@inline
export function bitmask(p: usize): u32 {
  return <u32>i8x16.bitmask(others(v128.load(p)));
}

// @ts-ignore: decorator
@inline
export function maskOf(classes: v128, bits: i8): u32 {
  return <u32>i8x16.bitmask(i8x16.ne(v128.and(classes, i8x16.splat(bits)), i8x16.splat(0)));
}

// @ts-ignore: decorator
@inline
export function kindOf(p: usize): u32 {
  return <u32>load<u8>(kinds + <usize>load<u8>(p));
}

// @ts-ignore: decorator
@inline
export function isCharacter(p: usize): bool {
  return kindOf(p) != 0;
}

// @ts-ignore: decorator
@inline
export function characters64(p: usize): u64 {
  return ~mask64(
    others(v128.load(p)), others(v128.load(p, 16)), others(v128.load(p, 32)), others(v128.load(p, 48)),
  );
}

// @ts-ignore: decorator
@inline
export function isSeparator(p: usize): bool {
  return (kindOf(p) & SEPARATORS) != 0;
}

// @ts-ignore: decorator
@inline
export function isJoint(p: usize): bool {
  return kindOf(p) == JOINTS;
}
