// Exact-division test for all pairs of two lists: one limb of each quotient decides (Jebelean, 1993).
//
// p has W limbs of 32 bits, n has 2 W. If p divides n, the quotient is n * (1/p) mod 2^(32 W). Only the two
// highest columns of that product are formed: the columns below them carry less than W into the highest limb.
// The highest limb of the quotient also follows from the top 64 bits of n and p, and the two must agree. This
// takes 2 W products instead of W^2. A pair that does not divide passes with probability about W / 2^32.

/** Tolerance beyond the carries: the division of doubles may round either way. */
const SLACK: u32 = 2;
const LIMB: f64 = 4294967296.0;

/** 1/p mod 2^(32 limbs) for odd p, by Hensel lifting limb by limb. `rest` holds 1 - p * (limbs so far). */
function invert(p: usize, limbs: i32, out: usize, rest: usize): void {
  const low = load<u32>(p);
  // Newton iteration: p is its own inverse mod 8, and each step doubles the number of correct bits.
  let inverse = low;
  for (let i = 0; i < 4; i++) inverse *= 2 - low * inverse;
  const end = <usize>limbs << 2;
  memory.fill(rest, 0, end);
  store<u32>(rest, 1);
  for (let at: usize = 0; at < end; at += 4) {
    const limb = load<u32>(rest + at) * inverse;
    store<u32>(out + at, limb);
    let carry: u64 = 0;
    for (let to = at, from = p; to < end; to += 4, from += 4) {
      const taken = <u64>limb * <u64>load<u32>(from) + carry;
      const left = <u64>load<u32>(rest + to) - (taken & 0xffffffff);
      store<u32>(rest + to, <u32>left);
      carry = (taken >>> 32) + (left >>> 63);
    }
  }
}

/**
 * Pairs (divisor, multiple) that pass the test, as u32 index pairs in `out`. `divisors`: `count` odd numbers
 * of `words` words, started at index `from`; `multiples`: `others` numbers of 2 `words` words. All are
 * little-endian with the top bit set. `room`: scratch for two divisors and one word. Stops before the first
 * divisor whose pairs may not fit; its index is stored at `next`.
 */
export function dividing(
  divisors: usize, from: i32, count: i32, multiples: usize, others: i32, words: i32, room: usize,
  out: usize, most: i32, next: usize,
): i32 {
  const limbs = words << 1;
  const size = <usize>words << 3;
  const slack = <u32>limbs + 2 * SLACK;
  // A zero word below the lowest limb: the column loop reads one limb too far.
  const inverse = room + 8;
  const last = inverse + size - 8;
  store<u64>(room, 0);
  let n = 0;
  let i = from;
  for (; i < count && n + others <= most; i++) {
    const p = divisors + <usize>i * size;
    invert(p, limbs, inverse, inverse + size);
    const scale = LIMB / <f64>load<u64>(p + size - 8);
    for (let j = 0; j < others; j++) {
      const multiple = multiples + <usize>j * 2 * size;
      let second: u64 = 0;
      let first: u32 = 0;
      let above = load<u32>(last + 4);
      for (let a = multiple, b = last; b >= inverse; a += 8, b -= 8) {
        const low = load<u32>(a);
        const high = load<u32>(a, 4);
        const here = load<u32>(b);
        const below = load<u32>(b - 4);
        first += low * above + high * here;
        second += <u64>low * <u64>here + <u64>high * <u64>below;
        above = below;
      }
      const quotient = <u64>(<f64>load<u64>(multiple + 2 * size - 8) * scale);
      const limb = first + <u32>(second >>> 32);
      if (<u32>quotient - limb + SLACK > slack) continue;
      store<u32>(out + (<usize>n << 3), <u32>i);
      store<u32>(out + (<usize>n << 3), <u32>j, 4);
      n++;
    }
  }
  store<i32>(next, i);
  return n;
}
