// Small primes that two long numbers share: Lehmer's variant of Euclid's algorithm, then trial division.
//
// Quotients are computed from the top 62 bits of both numbers as long as the lower bits cannot change them,
// and are then applied to the full numbers as one matrix.

/** Cofactors stay below 2^31, so a signed product with a 32-bit limb plus a carry stays below 2^63. */
const MOST: i64 = 0x7fffffff;
const HEAD: i32 = 62;

/**
 * Writes the primes below `limit` to `out` as u32 and returns their count. `marks`: `limit` bytes of scratch.
 */
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

/** Bit length. */
function bits(x: usize, limbs: i32): i32 {
  for (let i = limbs - 1; i >= 0; i--) {
    const limb = load<u32>(x + (<usize>i << 2));
    if (limb != 0) return (i << 5) + 32 - <i32>clz(limb);
  }
  return 0;
}

/** 64 bits of the number starting at bit `shift`. Two zero limbs follow the number. */
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

/**
 * Euclidean steps that the bits below the heads cannot change, as the matrix (p q, r s); false if there is
 * none.
 */
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

/** Applies the matrix to both numbers. */
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
 * gcd(x, y) if it fits 64 bits, or else 0; also 0 if a quotient is too large for a Lehmer step. Requires x >
 * y, both of `limbs` limbs followed by three zero limbs. Overwrites both.
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
 * Writes to `out` those of `count` ascending primes that divide both x and y, whose gcd is square-free.
 * Returns their count, or -1 if {@link common} fails and the host has to compute the gcd.
 */
export function commonPrimes(x: usize, y: usize, limbs: i32, primes: usize, count: i32, out: usize): i32 {
  let rest = common(x, y, limbs);
  if (rest == 0) return -1;
  let to = out;
  let i = 0;
  // 64-bit divisions cost several times as much as 32-bit ones.
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
  // The remaining cofactor is prime.
  if (last > 1) {
    store<u32>(to, last);
    to += 4;
  }
  return <i32>(to - out) >> 2;
}
