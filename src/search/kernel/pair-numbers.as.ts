// The arithmetic of field.as.ts for primes of 256 and 384 bits, two numbers at a time, in doubles, for
// machines with a fused multiply-add. A number has N limbs of W bits. A pair is N vectors with one number in
// each half. A row is N doubles, one number; pairs are gathered from rows.
//
// Values are redundant residues: a result of `multiply` lies within 0.6 p of zero and its limbs are centred
// on zero. A product of two limbs must stay below 2^(W + 51). For W = 44 and 49, sums of up to three results
// may be multiplied with each other; for W = 51, a sum of two with a single result; for W = 52, only results
// of `difference`, which centres its limbs.

import { N, SCALE, W, multiply } from './multiply.as'; // made by build.mjs

const LIMB: u64 = (1 << <u64>W) - 1;
export const ROW: usize = <usize>N << 3;
export const PAIR: usize = <usize>N << 4;
/** Bytes of a number in host format: 256 or 384 bits. */
export const WIDTH: usize = N < 8 ? 32 : 48;
export const WORDS: i32 = <i32>(WIDTH >>> 3);

let F: usize = 0;
let PRIME: usize = 0;
export let FROM_PLAIN: usize = 0;
export let FROM_WORDS: usize = 0;
export let A: usize = 0;
export let B: usize = 0;
export let ONE: usize = 0;
/** The plain 1: multiplying by it takes a value out of Montgomery form. */
export let UNIT: usize = 0;
/** TOP: 2^(W (N - 1)) / p, twice. RAW: six words of p in host format, then p^-1 mod 2^64. */
let TOP: usize = 0;
export let RAW: usize = 0;
export let U: usize = 0;
/** Scratch of sixteen pairs: the powers in `raise`. */
export let POWERS: usize = 0;
/** Scratch for the byte-reversed words of a number. */
let REVERSED: usize = 0;

export function use(field: usize): void {
  F = field;
  PRIME = F + <usize>(2 * N) * 16;
  FROM_PLAIN = F + <usize>(4 * N + 2) * 16;
  FROM_WORDS = FROM_PLAIN + PAIR;
  A = FROM_WORDS + PAIR;
  B = A + PAIR;
  ONE = B + PAIR;
  UNIT = ONE + PAIR;
  TOP = UNIT + PAIR;
  RAW = TOP + 16;
  U = RAW + 64;
  REVERSED = U + 3 * PAIR;
  POWERS = U + 6 * PAIR;
}

@inline export function mul(o: usize, a: usize, b: usize): void {
  multiply(o, a, b, F);
}

/** Loads a number in host format into one half of a pair. */
export function setHalf(pair: usize, half: usize, from: usize): void {
  for (let i = 0; i < N; i++) {
    const bit = i * W;
    const word = bit >>> 6;
    const shift = <u64>(bit & 63);
    let limb = load<u64>(from + (<usize>word << 3)) >>> shift;
    if (<i32>shift + W > 64 && word + 1 < WORDS) limb |= load<u64>(from + (<usize>word << 3), 8) << (64 - shift);
    // The last limb keeps all remaining bits: the number may be above p.
    store<f64>(pair + (<usize>i << 4) + (half << 3), <f64>(i < N - 1 ? limb & LIMB : limb));
  }
}

/** `setHalf` for a big-endian number. */
export function setReversed(pair: usize, half: usize, from: usize): void {
  for (let i: usize = 0; i < WIDTH; i += 8) store<u64>(REVERSED + i, bswap<u64>(load<u64>(from + WIDTH - 8 - i)));
  setHalf(pair, half, REVERSED);
}

export function gather(pair: usize, first: usize, second: usize): void {
  for (let i: usize = 0; i < ROW; i += 8)
    v128.store(pair + 2 * i, v128.load64_lane(second + i, v128.load64_zero(first + i), 1));
}

export function scatter(pair: usize, first: usize, second: usize): void {
  for (let i: usize = 0; i < ROW; i += 8) {
    const v = v128.load(pair + 2 * i);
    v128.store64_lane(first + i, v, 0);
    v128.store64_lane(second + i, v, 1);
  }
}

/** Copies one half of the pair at `from` into both halves. */
export function spread(pair: usize, from: usize, half: usize): void {
  for (let i: usize = 0; i < PAIR; i += 16) v128.store(pair + i, v128.load64_splat(from + i + (half << 3)));
}

/** Reduces a sum of a few values to within 0.6 p of zero with centred limbs, in place. */
export function reduce(pair: usize): void {
  const times = f64x2.nearest(f64x2.mul(v128.load(pair + PAIR - 16), v128.load(TOP)));
  let carry = f64x2.splat(0);
  for (let i: usize = 0; i < PAIR; i += 16) {
    const limb = f64x2.sub(v128.load(pair + i), f64x2.mul(times, v128.load(PRIME + i)));
    if (i == PAIR - 16) {
      v128.store(pair + i, f64x2.add(limb, carry));
      break;
    }
    const over = f64x2.nearest(f64x2.mul(limb, f64x2.splat(1 / SCALE)));
    v128.store(pair + i, f64x2.add(f64x2.sub(limb, f64x2.mul(over, f64x2.splat(SCALE))), carry));
    carry = over;
  }
}

/** Exact conversion for |value| < 2^51, or < 2^53 with limbs of more than 49 bits. */
@inline function integer(value: f64): i64 {
  if (W > 49) return <i64>value;
  const middle: f64 = 6755399441055744; // 1.5 * 2^52
  return reinterpret<i64>(value + middle) - reinterpret<i64>(middle);
}

@inline function limbOf(pair: usize, half: usize, i: i32): i64 {
  return integer(load<f64>(pair + (<usize>i << 4) + (half << 3)));
}

/** The lowest 64 bits of one half as stored, without reduction. */
@inline export function lowOf(pair: usize, half: usize): u64 {
  return <u64>limbOf(pair, half, 0) + (<u64>limbOf(pair, half, 1) << <u64>W);
}

/**
 * One half divided by p, modulo 2^64. Values that differ by k p give words that differ by k, so congruence
 * can be tested without a full reduction, which costs as much as a product.
 */
@inline export function quotientOf(pair: usize, half: usize): u64 {
  return lowOf(pair, half) * load<u64>(RAW, 48);
}

/** Writes the least residue of one half, which lies in (-p, (most + 1) p), as whole words at `to`. */
export function residue(pair: usize, half: usize, most: i32, to: usize): void {
  for (let times = most; times >= -1; times--) {
    // pair - times * p with carries; the first non-negative difference is the residue.
    let carry: i64 = 0;
    let words: u64 = 0;
    let filled = 0;
    let word = to;
    for (let i = 0; i < N; i++) {
      const limb = limbOf(pair, half, i) - <i64>times * limbOf(PRIME, 0, i) + carry;
      carry = limb >> <i64>W;
      const bits = <u64>limb & LIMB;
      words |= bits << <u64>filled;
      filled += W;
      if (filled >= 64) {
        if (word < to + WIDTH) store<u64>(word, words);
        word += 8;
        filled -= 64;
        words = bits >>> <u64>(W - filled);
      }
    }
    if (word < to + WIDTH) store<u64>(word, words);
    if (carry >= 0) return;
  }
}

export function isZero(pair: usize, half: usize): bool {
  for (let i = 0; i < N; i++) if (load<f64>(pair + (<usize>i << 4) + (half << 3)) != 0) return false;
  return true;
}

/** True if a number in host format is below p. */
export function isBelow(at: usize): bool {
  for (let i = WORDS - 1; i >= 0; i--) {
    const x = load<u64>(at + (<usize>i << 3));
    const y = load<u64>(RAW + (<usize>i << 3));
    if (x != y) return x < y;
  }
  return false;
}
