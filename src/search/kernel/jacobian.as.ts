// Finds points in Jacobian coordinates: X, Y, Z with Y^2 = X^3 + a X Z^4 + b Z^6, which is the point (X/Z^2,
// Y/Z^3). Libraries store the public half of a freshly generated key like this until its affine coordinates
// are needed. Y and Z are allocated together, X is usually near.
import { A, B, U, add, bytes, isBelow, isZero, mul, sub, use } from './field.as';
import { MOST_Y, hasRoom, keep } from './triples.as';

let values: usize = 0;
let squares: usize = 0;
let offsets: usize = 0;
let count: i32 = 0;

function at(table: usize, i: i32): usize {
  return table + <usize>i * bytes;
}

function distance(i: i32, j: i32): f64 {
  return abs<f64>(load<f64>(offsets + (<usize>i << 3)) - load<f64>(offsets + (<usize>j << 3)));
}

/**
 * Tries `total` numbers (Montgomery form, ordered by offset) as Z, from index *next up to `to`, until
 * `budget` left sides have been computed or `hits` (room for `most`) may be full. Y must be within `near`
 * bytes of Z, X within `reach` list positions on either side. Writes index triples X, Y, Z to `hits` and
 * returns their count. *next receives the next index, followed by the number of left sides. `work`: 2 `total`
 * + 8 numbers.
 */
export function jacobian(
  field: usize, numbers: usize, places: usize, total: i32, near: f64, reach: i32, to: i32, budget: i32,
  work: usize, hits: usize, most: i32, next: usize,
): i32 {
  use(field);
  values = numbers;
  offsets = places;
  count = total;
  squares = work;
  const cubes = squares + <usize>count * bytes;
  const rights = cubes + <usize>count * bytes;
  const aIsZero = isZero(A);
  for (let i = 0; i < count; i++) {
    mul(at(squares, i), at(values, i), at(values, i));
    mul(at(cubes, i), at(squares, i), at(values, i));
  }
  let found = 0;
  let formed = 0;
  let z = load<i32>(next);
  for (; z < to && formed < budget && hasRoom(found, reach, most); z++) {
    if (!isBelow(at(values, z))) continue;
    const aZ4 = U;
    const bZ6 = U + bytes;
    const left = U + 2 * bytes;
    let ready = false;
    // Right sides Y^2 - b Z^6 of the candidates for Y.
    let ys = 0;
    const firstY = max(0, z - MOST_Y);
    for (let y = firstY; y <= min(count - 1, z + MOST_Y); y++) {
      if (y == z || distance(y, z) > near || !isBelow(at(values, y))) continue;
      if (!ready) {
        mul(aZ4, at(squares, z), at(squares, z));
        mul(bZ6, aZ4, at(squares, z));
        mul(bZ6, bZ6, B);
        mul(aZ4, aZ4, A);
        ready = true;
      }
      sub(at(rights, y - firstY), at(squares, y), bZ6);
      ys |= 1 << (y - firstY);
    }
    if (ys == 0) continue;
    for (let x = max(0, z - reach); x <= min(count - 1, z + reach); x++) {
      if (x == z) continue;
      formed++;
      if (aIsZero) memory.copy(left, at(cubes, x), bytes);
      else {
        mul(left, at(values, x), aZ4);
        add(left, left, at(cubes, x));
      }
      const low = load<u64>(left);
      for (let rest = ys; rest != 0; rest &= rest - 1) {
        const k = ctz(rest);
        const right = at(rights, k);
        const y = firstY + k;
        if (low != load<u64>(right) || x == y || memory.compare(left, right, bytes) != 0) continue;
        keep(hits, found++, x, y, z);
      }
    }
  }
  store<i32>(next, z);
  store<i32>(next, formed, 4);
  return found;
}
