// Primes that two long numbers share, of which they share little else: Euclid's algorithm as Lehmer has it, then trial division.
//
// Quotients are taken from the first 62 bits of both, as long as what follows cannot change them, and all of them at once are applied to the numbers.

/** Cofactors stay below 2^31, so that a signed product with a limb of 32 bits and a carry stay below 2^63. */
const MOST: i64 = 0x7fffffff;
const HEAD: i32 = 62;

/** The primes below `limit` to `out`, as u32; their number. `marks`: `limit` bytes. */
export function sieve(limit: i32, marks: usize, out: usize): i32 {
  memory.fill(marks, 0, limit);
  let count = 0;
  for (let i = 2; i < limit; i++) {
    if (load<u8>(marks + i) != 0) continue;
    store<u32>(out + (<usize>count << 2), <u32>i);
    count++;
    for (let j = <u64>i * i; j < <u64>limit; j += i) store<u8>(marks + <usize>j, 1);
  }
  return count;
}

/** Bits of the number without its leading zeros. */
function bits(x: usize, limbs: i32): i32 {
  for (let i = limbs - 1; i >= 0; i--) {
    const limb = load<u32>(x + (<usize>i << 2));
    if (limb != 0) return (i << 5) + 32 - <i32>clz(limb);
  }
  return 0;
}

/** 64 bits of the number from bit `shift` on. Behind its limbs there are two of zero. */
@inline function from(x: usize, shift: i32): u64 {
  const at = x + (<usize>(shift >> 5) << 2);
  const bit = <u64>(shift & 31);
  const low = load<u64>(at) >>> bit;
  return bit == 0 ? low : low | (<u64>load<u32>(at, 8) << (64 - bit));
}

let p: i64 = 0;
let q: i64 = 0;
let r: i64 = 0;
let s: i64 = 0;

/** Steps of Euclid that do not depend on the bits behind the heads: the matrix (p q, r s); false where there is none. */
function euclid(x: i64, y: i64): bool {
  p = 1;
  q = 0;
  r = 0;
  s = 1;
  while (y + r > 0 && y + s > 0) {
    const quotient = (x + p) / (y + r);
    if (quotient > MOST || quotient != (x + q) / (y + s)) break;
    const next = p - quotient * r;
    const last = q - quotient * s;
    if (abs(next) > MOST || abs(last) > MOST) break;
    p = r;
    q = s;
    r = next;
    s = last;
    const rest = x - quotient * y;
    x = y;
    y = rest;
  }
  return q != 0;
}

/** Both by the matrix. */
function apply(x: usize, y: usize, limbs: i32): void {
  let above: i64 = 0;
  let below: i64 = 0;
  for (let i = 0; i < limbs; i++, x += 4, y += 4) {
    const left = <i64>load<u32>(x);
    const right = <i64>load<u32>(y);
    above += p * left + q * right;
    below += r * left + s * right;
    store<u32>(x, <u32>above);
    store<u32>(y, <u32>below);
    above >>= 32;
    below >>= 32;
  }
}

/**
 * Of x > y, of so many limbs and three of zero behind them, their greatest common divisor where it has no more than 64 bits; 0 where it has more, or where a step of
 * Euclid is too long. Both are overwritten.
 */
function common(x: usize, y: usize, limbs: i32): u64 {
  for (let length = bits(x, limbs); length > 64; length = bits(x, limbs)) {
    limbs = (length + 31) >> 5;
    const shift = length - HEAD;
    if (!euclid(<i64>from(x, shift), <i64>from(y, shift))) return 0;
    apply(x, y, limbs);
  }
  let a = load<u64>(x);
  let b = load<u64>(y);
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/**
 * Those of `count` ascending primes that x and y share, which share no square, to `out`; their number, or -1 where {@link common} does not tell: then they are
 * computed otherwise.
 */
export function commonPrimes(x: usize, y: usize, limbs: i32, primes: usize, count: i32, out: usize): i32 {
  let rest = common(x, y, limbs);
  if (rest == 0) return -1;
  let to = out;
  let i = 0;
  // Divisions of 64 bits take several times as long.
  for (; i < count && rest > <u64>u32.MAX_VALUE; i++) {
    const prime = <u64>load<u32>(primes + (<usize>i << 2));
    const quotient = rest / prime;
    if (quotient * prime != rest) continue;
    rest = quotient;
    store<u32>(to, <u32>prime);
    to += 4;
  }
  let last = <u32>rest;
  for (; i < count; i++) {
    const prime = load<u32>(primes + (<usize>i << 2));
    if (<u64>prime * <u64>prime > <u64>last) break;
    if (last % prime != 0) continue;
    last /= prime;
    store<u32>(to, prime);
    to += 4;
  }
  // What is left is a prime itself.
  if (last > 1) {
    store<u32>(to, last);
    to += 4;
  }
  return <i32>(to - out) >> 2;
}
