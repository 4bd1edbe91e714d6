// A prime and its CRT exponent: e * dp = 1 + k * (p - 1) with k < e. The leading words give k, since
// e * dp / p lies just above an integer; the lowest words then confirm it modulo 2^64. No pair of random
// numbers passes both.

/** Encodings, as indices of WORD_ENCODINGS (src/search/core/integer-encodings.ts). */
const LE: i32 = 0;
const BE: i32 = 1;

const TOLERANCE: f64 = 5.9604644775390625e-8; // 2^-24
/** Public exponents tried (src/search/rsa/bare-crt-parts.ts). */
const USUAL: u64 = 65537;
const LEAST: u64 = 3;
const OTHER: u64 = 17;
/** 1.5 * 2^52: adding it to a double below 2^51 rounds that to an integer. */
const ROUND: f64 = 6755399441055744;
/** Distances from p to its exponent, in numbers, in the kinds of order p, q, dp, dq and p, dp, q, dq. */
const MOST_APART: i32 = 3;

// @ts-ignore: decorator
@inline
function fits(e: u64, quotient: f64, p: u64, d: u64): bool {
  const multiple = <f64>e * quotient;
  const k = multiple + ROUND - ROUND;
  if (abs(multiple - k) > TOLERANCE || k < 1) return false;
  return e * d - 1 == <u64>k * (p - 1);
}

// The shift makes it a signed integer, which is faster to convert.
// @ts-ignore: decorator
@inline
function leading(top: u64): f64 {
  return <f64><i64>(top >>> 1);
}

/**
 * The e of a prime and its exponent by their highest and lowest words; 0 if they do not fit. `inverse`: that
 * of the prime's highest word.
 */
function exponentOf(inverse: f64, p: u64, dTop: u64, d: u64): u64 {
  const quotient = leading(dTop) * inverse;
  if (fits(USUAL, quotient, p, d)) return USUAL;
  if (fits(LEAST, quotient, p, d)) return LEAST;
  return fits(OTHER, quotient, p, d) ? OTHER : 0;
}

/** The most significant of the first and last word of a number. */
// @ts-ignore: decorator
@inline
function highest(first: u64, last: u64, form: i32): u64 {
  return form == LE ? last : form == BE ? bswap(first) : rotl(first, 32);
}

// @ts-ignore: decorator
@inline
function lowest(first: u64, last: u64, form: i32): u64 {
  return form == LE ? first : form == BE ? bswap(last) : rotl(last, 32);
}

/**
 * Primes of `size` bytes at `from`, `from + step`, … before `to`, each with its exponent up to {@link
 * MOST_APART} numbers before or behind it within [low, high). Writes u32 triples (address of p, address of
 * dp, e), at most `most`; returns how many there are.
 */
export function crtPairs(
  from: usize, to: usize, step: usize, low: usize, high: usize, size: usize, form: i32, out: usize,
  most: i32,
): i32 {
  const last = size - 8;
  let count = 0;
  for (let at = from; at < to; at += step) {
    const top = highest(load<u64>(at), load<u64>(at + last), form);
    if (<i64>top >= 0) continue;
    const word = lowest(load<u64>(at), load<u64>(at + last), form);
    if ((word & 1) == 0) continue;
    const inverse = 1 / leading(top);
    for (let apart = -MOST_APART; apart <= MOST_APART; apart++) {
      const d = at + <usize>(apart * <i32>size);
      if (apart == 0 || <i32>d < <i32>low || d + size > high) continue;
      const first = load<u64>(d);
      const end = load<u64>(d + last);
      const low64 = lowest(first, end, form);
      const top64 = highest(first, end, form);
      if ((low64 & 1) == 0 || top64 >= top) continue;
      const e = exponentOf(inverse, word, top64, low64);
      if (e != 0) count = add(out, count, most, <u32>at, <u32>d, <u32>e);
    }
  }
  return count;
}

/**
 * The same among `count` numbers by their first and last words: pairs up to `reach` apart. Writes u32 triples
 * (index of p, index of dp, e).
 */
export function crtNeighbours(
  firsts: usize, lasts: usize, count: i32, reach: i32, form: i32, out: usize, most: i32,
): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const first = load<u64>(firsts + (<usize>i << 3));
    const last = load<u64>(lasts + (<usize>i << 3));
    const low = lowest(first, last, form);
    if ((low & 1) == 0) continue;
    const top = highest(first, last, form);
    for (let j = max(0, i - reach); j < i; j++) {
      const first = load<u64>(firsts + (<usize>j << 3));
      const last = load<u64>(lasts + (<usize>j << 3));
      const other = lowest(first, last, form);
      if ((other & 1) == 0) continue;
      const otherTop = highest(first, last, form);
      const isPrime = otherTop < top;
      if (<i64>(isPrime ? top : otherTop) >= 0) continue;
      const e = isPrime
        ? exponentOf(1 / leading(top), low, otherTop, other)
        : exponentOf(1 / leading(otherTop), other, top, low);
      if (e != 0) found = add(out, found, most, isPrime ? i : j, isPrime ? j : i, <u32>e);
    }
  }
  return found;
}

// @ts-ignore: decorator
@inline
function add(out: usize, count: i32, most: i32, first: u32, second: u32, e: u32): i32 {
  if (count < most) {
    const slot = out + <usize>count * 12;
    store<u32>(slot, first);
    store<u32>(slot, second, 4);
    store<u32>(slot, e, 8);
  }
  return count + 1;
}
