// Tests whether a quotient of doubles is close to a fraction with a small denominator, as e * d / n is.
// Twin of `nearInteger` in src/search/rsa/private-exponent.ts.

const MOST_DENOMINATOR: f64 = 32;
const TOLERANCE: f64 = 1.4901161193847656e-8; // 2^-26
/** Public exponents tried when e is unknown (src/search/rsa/bare-exponents.ts). */
const USUAL: f64 = 65537;
const LEAST: f64 = 3;
const OTHER: f64 = 17;

function nearInteger(quotient: f64): bool {
  const doubled = 2 * quotient;
  let rest = doubled;
  let before: f64 = 0;
  let denominator: f64 = 1;
  while (denominator <= MOST_DENOMINATOR) {
    const multiple = doubled * denominator;
    const whole = floor(multiple + 0.5);
    if (abs(multiple - whole) < TOLERANCE) return whole > 0;
    rest = 1 / (rest - floor(rest));
    const last = denominator;
    denominator = floor(rest) * denominator + before;
    before = last;
  }
  return false;
}

/**
 * Pairs (i, j), i >= from, j at most `reach` before i, whose larger number may be n (top bit set) and whose
 * smaller may be d for a usual exponent. `tops`: the `count` numbers scaled to fractions. Writes u32 index
 * pairs and stops at the first i whose pairs may not fit; that i is stored at `next`.
 */
export function exponentPairs(tops: usize, from: i32, count: i32, reach: i32, out: usize, most: i32, next: usize): i32 {
  let n = 0;
  let i = from;
  for (; i < count && n + reach <= most; i++) {
    const here = load<f64>(tops + (<usize>i << 3));
    for (let j = max(0, i - reach); j < i; j++) {
      const there = load<f64>(tops + (<usize>j << 3));
      const modulus = max(here, there);
      if (modulus < 0.5 || here == there) continue;
      const quotient = min(here, there) / modulus;
      if (!nearInteger(USUAL * quotient) && !nearInteger(LEAST * quotient) && !nearInteger(OTHER * quotient)) continue;
      store<u32>(out + (<usize>n << 3), <u32>i);
      store<u32>(out + (<usize>n << 3), <u32>j, 4);
      n++;
    }
  }
  store<i32>(next, i);
  return n;
}
