// `jacobian` of jacobian.as.ts on pairs: two left sides at a time.

import { add } from './multiply.as'; // made by build.mjs
import { A, B, FROM_WORDS, PAIR, RAW, U, WIDTH, isBelow, isZero, lowOf, mul, setHalf, spread, use } from './pair-numbers.as';
import { MOST_Y, hasRoom, keep } from './triples.as';

/** `numbers` in host format. `work`: five pairs for every two numbers, and eight more. */
export function jacobian(
  field: usize, numbers: usize, offsets: usize, count: i32, near: f64, reach: i32, to: i32, budget: i32,
  work: usize, hits: usize, most: i32, next: usize,
): i32 {
  use(field);
  const values = work;
  const squares = values + <usize>((count + 1) >> 1) * PAIR;
  const cubes = squares + <usize>((count + 1) >> 1) * PAIR;
  for (let i = 0; i < count; i += 2) {
    const both: usize = i + 1 < count ? 1 : 0;
    const at = numbers + <usize>i * WIDTH;
    const o = <usize>(i >> 1) * PAIR;
    setHalf(values + o, 0, at);
    setHalf(values + o, 1, at + both * WIDTH);
    mul(values + o, values + o, FROM_WORDS);
    mul(squares + o, values + o, values + o);
    mul(cubes + o, squares + o, values + o);
  }
  const aZ4 = U;
  const bZ6 = U + PAIR;
  const left = U + 2 * PAIR;
  const square = U + 3 * PAIR;
  const rights = U + 4 * PAIR;
  const aIsZero = isZero(A, 0);
  const inverse = load<u64>(RAW, 48);
  let found = 0;
  let formed = 0;
  let z = load<i32>(next);
  for (; z < to && formed < budget && hasRoom(found, reach, most); z++) {
    if (!isBelow(numbers + <usize>z * WIDTH)) continue;
    let ready = false;
    let ys = 0;
    const firstY = max(0, z - MOST_Y);
    for (let y = firstY; y <= min(count - 1, z + MOST_Y); y++) {
      if (y == z || abs<f64>(load<f64>(offsets + (<usize>y << 3)) - load<f64>(offsets + (<usize>z << 3))) > near) continue;
      if (!isBelow(numbers + <usize>y * WIDTH)) continue;
      if (!ready) {
        spread(square, squares + <usize>(z >> 1) * PAIR, <usize>z & 1);
        mul(aZ4, square, square);
        mul(bZ6, aZ4, square);
        mul(bZ6, bZ6, B);
        mul(aZ4, aZ4, A);
        ready = true;
      }
      const right = lowOf(squares + <usize>(y >> 1) * PAIR, <usize>y & 1) - lowOf(bZ6, 0);
      store<u64>(rights + (<usize>(y - firstY) << 3), right);
      ys |= 1 << (y - firstY);
    }
    if (ys == 0) continue;
    const first = max(0, z - reach);
    const last = min(count - 1, z + reach);
    formed += last - first;
    for (let pair = first >> 1; pair <= last >> 1; pair++) {
      const o = <usize>pair * PAIR;
      let side = cubes + o;
      if (!aIsZero) {
        mul(left, values + o, aZ4);
        add(left, left, side);
        side = left;
      }
      for (let half = 0; half < 2; half++) {
        const x = 2 * pair + half;
        if (x < first || x > last || x == z) continue;
        const low = lowOf(side, <usize>half);
        for (let rest = ys; rest != 0; rest &= rest - 1) {
          const k = ctz(rest);
          // Equal up to a few multiples of p; the host verifies.
          if ((low - load<u64>(rights + (<usize>k << 3))) * inverse + 4 > 8 || x == firstY + k) continue;
          keep(hits, found++, x, firstY + k, z);
        }
      }
    }
  }
  store<i32>(next, z);
  store<i32>(next, formed, 4);
  return found;
}
