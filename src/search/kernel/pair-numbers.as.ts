// What field.as.ts does on curves of 256 and of 384 bits, two numbers at a time, in doubles: for machines that multiply and add
// doubles in one step. A number is N limbs of W bits; a pair of numbers N vectors, one number in each half; a row of numbers, N
// doubles each, is what pairs are gathered from.
//
// Numbers are residues: what multiply gives lies within 0.6 p of zero, its limbs centred on zero. Sums of up to three such may be
// multiplied with one another where limbs are of 44 or 49 bits. Of 51 bits a sum of two may be with one such, of 52 what `difference`
// gives, which has them centred: a product of limbs has to stay below 2^(W + 51).

import { N, SCALE, W, multiply } from './multiply.as'; // made by build.mjs

const LIMB: u64 = (1 << <u64>W) - 1;
export const ROW: usize = <usize>N << 3;
export const PAIR: usize = <usize>N << 4;
/** Bytes of a number as the host has it: 256 or 384 bits. */
export const WIDTH: usize = N < 8 ? 32 : 48;
export const WORDS: i32 = <i32>(WIDTH >>> 3);

let F: usize = 0;
let PRIME: usize = 0;
export let FROM_PLAIN: usize = 0;
export let FROM_WORDS: usize = 0;
export let A: usize = 0;
export let B: usize = 0;
export let ONE: usize = 0;
/** 1 as it is: a product with it takes R off. */
export let UNIT: usize = 0;
/** 2^(W (N - 1)) / p, twice; six words of p as the host has it, then its inverse modulo 2^64. */
let TOP: usize = 0;
export let RAW: usize = 0;
export let U: usize = 0;
/** Sixteen pairs, behind what all functions share: the powers of what is inverted. */
export let POWERS: usize = 0;
/** A number's words while they are turned round, behind what all functions share. */
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

/** A number as the host has it into one half of a pair. */
export function setHalf(pair: usize, half: usize, from: usize): void {
  for (let i = 0; i < N; i++) {
    const bit = i * W;
    const word = bit >>> 6;
    const shift = <u64>(bit & 63);
    let limb = load<u64>(from + (<usize>word << 3)) >>> shift;
    if (<i32>shift + W > 64 && word + 1 < WORDS) limb |= load<u64>(from + (<usize>word << 3), 8) << (64 - shift);
    // The last one has whatever there is: a number may lie above p.
    store<f64>(pair + (<usize>i << 4) + (half << 3), <f64>(i < N - 1 ? limb & LIMB : limb));
  }
}

/** The same of a number whose bytes stand the other way round. */
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

/** Both halves become one of the other pair's. */
export function spread(pair: usize, from: usize, half: usize): void {
  for (let i: usize = 0; i < PAIR; i += 16) v128.store(pair + i, v128.load64_splat(from + i + (half << 3)));
}

/** A sum of a few numbers, within 0.6 p of zero again, and its limbs centred, in place. */
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

/** An integer between -2^51 and 2^51; between -2^53 and 2^53 where limbs are as long as that. */
@inline function integer(value: f64): i64 {
  if (W > 49) return <i64>value;
  const middle: f64 = 6755399441055744; // 1.5 * 2^52
  return reinterpret<i64>(value + middle) - reinterpret<i64>(middle);
}

@inline function limbOf(pair: usize, half: usize, i: i32): i64 {
  return integer(load<f64>(pair + (<usize>i << 4) + (half << 3)));
}

/** The lowest 64 bits of one half as it stands, whatever multiple of p is in it. */
@inline export function lowOf(pair: usize, half: usize): u64 {
  return <u64>limbOf(pair, half, 0) + (<u64>limbOf(pair, half, 1) << <u64>W);
}

/**
 * One half divided by p, modulo 2^64: numbers that are equal but for a few times p are as far apart there, and what tells them needs no least
 * residue, which takes as long as a product.
 */
@inline export function quotientOf(pair: usize, half: usize): u64 {
  return lowOf(pair, half) * load<u64>(RAW, 48);
}

/** The least residue of one half, which lies above -p and below (most + 1) p, in whole words at `to`. */
export function residue(pair: usize, half: usize, most: i32, to: usize): void {
  for (let times = most; times >= -1; times--) {
    // pair - times * p as limbs with carries: the first that is not below zero.
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

/** A number as the host has it is a residue: below p. */
export function isBelow(at: usize): bool {
  for (let i = WORDS - 1; i >= 0; i--) {
    const x = load<u64>(at + (<usize>i << 3));
    const y = load<u64>(RAW + (<usize>i << 3));
    if (x != y) return x < y;
  }
  return false;
}
