// What field.as.ts does on curves of 256 and of 384 bits, two numbers at a time, in doubles: for machines that multiply and add
// doubles in one step. A number is N limbs of W bits; a pair of numbers N vectors, one number in each half; a row of numbers, N
// doubles each, is what pairs are gathered from.
//
// Numbers are residues: what multiply gives lies within 0.6 p of zero, its limbs centred on zero; sums of up to three such may be
// multiplied with one another.

import { N, SCALE, W, add, multiply, sub } from './multiply.as'; // made by build.mjs

/** As in jacobian.as.ts. */
const MOST_Y: i32 = 2;
const LIMB: u64 = (1 << <u64>W) - 1;
const ROW: usize = <usize>N << 3;
const PAIR: usize = <usize>N << 4;
/** Bytes of a number as the host has it: 256 or 384 bits. */
const WIDTH: usize = N == 6 ? 32 : 48;
const WORDS: i32 = <i32>(WIDTH >>> 3);

let F: usize = 0;
let PRIME: usize = 0;
let FROM_PLAIN: usize = 0;
let FROM_WORDS: usize = 0;
let A: usize = 0;
let B: usize = 0;
let ONE: usize = 0;
/** 1 as it is: a product with it takes R off. */
let UNIT: usize = 0;
/** 2^(W (N - 1)) / p, twice; six words of p as the host has it, then its inverse modulo 2^64. */
let TOP: usize = 0;
let RAW: usize = 0;
let U: usize = 0;

function use(field: usize): void {
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
}

@inline function mul(o: usize, a: usize, b: usize): void {
  multiply(o, a, b, F);
}

/** True where multiplication and addition are one step, as everything here wants it. */
export function fuses(): bool {
  // (1 + e)^2 - (1 + 2 e) = e^2 = 2^-54
  const e: f64 = 7.450580596923828125e-9;
  const x = f64x2.splat(1 + e);
  const rest = f64x2.relaxed_madd(x, x, f64x2.splat(-(1 + 2 * e)));
  return f64x2.extract_lane(rest, 0) == e * e && f64x2.extract_lane(rest, 1) == e * e;
}

/** A number as the host has it into one half of a pair. */
function setHalf(pair: usize, half: usize, from: usize): void {
  for (let i = 0; i < N; i++) {
    const bit = i * W;
    const word = bit >>> 6;
    const shift = <u64>(bit & 63);
    let limb = load<u64>(from + (<usize>word << 3)) >>> shift;
    if (<i32>shift + W > 64 && word + 1 < WORDS) limb |= load<u64>(from + (<usize>word << 3), 8) << (64 - shift);
    store<f64>(pair + (<usize>i << 4) + (half << 3), <f64>(limb & LIMB));
  }
}

function gather(pair: usize, first: usize, second: usize): void {
  for (let i: usize = 0; i < ROW; i += 8)
    v128.store(pair + 2 * i, v128.load64_lane(second + i, v128.load64_zero(first + i), 1));
}

function scatter(pair: usize, first: usize, second: usize): void {
  for (let i: usize = 0; i < ROW; i += 8) {
    const v = v128.load(pair + 2 * i);
    v128.store64_lane(first + i, v, 0);
    v128.store64_lane(second + i, v, 1);
  }
}

/** Both halves become one of the other pair's. */
function spread(pair: usize, from: usize, half: usize): void {
  for (let i: usize = 0; i < PAIR; i += 16) v128.store(pair + i, v128.load64_splat(from + i + (half << 3)));
}

/** A sum of a few numbers, within 0.6 p of zero again, and its limbs centred, in place. */
function reduce(pair: usize): void {
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

/** An integer between -2^51 and 2^51. */
@inline function integer(value: f64): i64 {
  const middle: f64 = 6755399441055744; // 1.5 * 2^52
  return reinterpret<i64>(value + middle) - reinterpret<i64>(middle);
}

@inline function limbOf(pair: usize, half: usize, i: i32): i64 {
  return integer(load<f64>(pair + (<usize>i << 4) + (half << 3)));
}

/** The lowest 64 bits of one half as it stands, whatever multiple of p is in it. */
@inline function lowOf(pair: usize, half: usize): u64 {
  return <u64>limbOf(pair, half, 0) + (<u64>limbOf(pair, half, 1) << <u64>W);
}

/** The least residue of one half, which lies above -p and below (most + 1) p, in whole words at `to`. */
function residue(pair: usize, half: usize, most: i32, to: usize): void {
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

function isZero(pair: usize, half: usize): bool {
  for (let i = 0; i < N; i++) if (load<f64>(pair + (<usize>i << 4) + (half << 3)) != 0) return false;
  return true;
}

/** A number as the host has it is a residue: below p. */
function isBelow(at: usize): bool {
  for (let i = WORDS - 1; i >= 0; i--) {
    const x = load<u64>(at + (<usize>i << 3));
    const y = load<u64>(RAW + (<usize>i << 3));
    if (x != y) return x < y;
  }
  return false;
}

/** `equation` of field.as.ts: `values` as the host has them, plain or in its Montgomery form. */
export function equation(field: usize, values: usize, plain: bool, count: i32, squares: usize, rights: usize): void {
  use(field);
  const v = U;
  const square = U + PAIR;
  const right = U + 2 * PAIR;
  const words = U + 3 * PAIR;
  for (let i = 0; i < count; i += 2) {
    const both: usize = i + 1 < count ? 1 : 0;
    const at = values + <usize>i * WIDTH;
    setHalf(v, 0, at);
    setHalf(v, 1, at + both * WIDTH);
    mul(v, v, plain ? FROM_PLAIN : FROM_WORDS);
    mul(square, v, v);
    if (rights != 0) {
      add(right, square, A);
      mul(right, right, v);
      add(right, right, B);
    }
    for (let half: usize = 0; half <= both; half++) {
      const o = (<usize>i + half) << 3;
      const isOne = plain || isBelow(at + half * WIDTH);
      residue(square, half, 0, words);
      store<u64>(squares + o, isOne ? load<u64>(words) : 0);
      if (rights == 0) continue;
      residue(right, half, 1, words);
      store<u64>(rights + o, isOne ? load<u64>(words) : ~(<u64>0));
    }
  }
}

/** values[i] = 1 / values[i] for pairs, none of which may have a zero half; `work` has room for as many. False where one has. */
function invertAll(values: usize, count: i32, work: usize): bool {
  memory.copy(work, values, PAIR);
  for (let i = 1; i < count; i++) mul(work + <usize>i * PAIR, work + <usize>(i - 1) * PAIR, values + <usize>i * PAIR);
  const all = U;
  const one = U + PAIR;
  const last = work + <usize>(count - 1) * PAIR;
  if (isZero(last, 0) || isZero(last, 1)) return false;
  // a^(p - 2) (Fermat), bit by bit from the top. The lowest word of every p here is above 2.
  memory.copy(all, last, PAIR);
  let top = (WORDS << 6) - 1;
  while (((exponent(top >>> 6) >>> (<u64>top & 63)) & 1) == 0) top--;
  for (let i = top - 1; i >= 0; i--) {
    mul(all, all, all);
    if ((exponent(i >>> 6) >>> (<u64>i & 63)) & 1) mul(all, all, last);
  }
  for (let i = count - 1; i > 0; i--) {
    mul(one, all, work + <usize>(i - 1) * PAIR);
    mul(all, all, values + <usize>i * PAIR);
    memory.copy(values + <usize>i * PAIR, one, PAIR);
  }
  memory.copy(values, all, PAIR);
  return true;
}

/** A word of p - 2. */
@inline function exponent(i: i32): u64 {
  return load<u64>(RAW + (<usize>i << 3)) - (i == 0 ? 2 : 0);
}

/** `count` numbers as the host has them, in its Montgomery form, into rows. */
export function toRows(field: usize, values: usize, count: i32, rows: usize): void {
  use(field);
  const v = U;
  for (let i = 0; i < count; i += 2) {
    const both: usize = i + 1 < count ? 1 : 0;
    const at = values + <usize>i * WIDTH;
    setHalf(v, 0, at);
    setHalf(v, 1, at + both * WIDTH);
    mul(v, v, FROM_WORDS);
    const row = rows + <usize>i * ROW;
    scatter(v, row, row + both * ROW);
  }
}

/**
 * `comb` of field.as.ts: `table` in rows of x and y. Points go to `out` as the host has numbers, plain. `work`: 3 rows a scalar for points and queue, and
 * two pairs for every two, and 16 rows more.
 */
export function comb(
  field: usize, table: usize, scalars: usize, count: i32, out: usize, flags: usize, work: usize,
): void {
  use(field);
  const size = ROW << 1;
  const points = work;
  // One more point: what is left over where their number is odd.
  const spare = points + <usize>count * size;
  const differences = spare + size;
  const scratch = differences + <usize>(count + 1) * ROW;
  const queue = scratch + <usize>(count + 1) * ROW;
  memory.fill(flags, 0, count);
  for (let w: usize = 0; w < WIDTH; w++) {
    const row = table + (w << 8) * size;
    let waiting = 0;
    for (let i = 0; i < count; i++) {
      const digit = <usize>load<u8>(scalars + <usize>i * WIDTH + w);
      const flag = load<u8>(flags + i);
      if (digit == 0 || flag == 2) continue;
      const point = row + digit * size;
      if (flag == 0) {
        memory.copy(points + <usize>i * size, point, size);
        store<u8>(flags + i, 1);
        continue;
      }
      entry(queue, waiting++, points + <usize>i * size, point);
    }
    if (waiting == 0) continue;
    let pairs = paired(queue, waiting, spare, table, row);
    subtractAll(queue, pairs, differences);
    if (!invertAll(differences, pairs, scratch)) {
      waiting = dropEqual(queue, waiting, points, flags);
      if (waiting == 0) continue;
      pairs = paired(queue, waiting, spare, table, row);
      subtractAll(queue, pairs, differences);
      invertAll(differences, pairs, scratch);
    }
    for (let k = 0; k < pairs; k++) addAffine(queue + (<usize>k << 4), differences + <usize>k * PAIR);
  }
  const both = U;
  for (let i = 0; i < count; i++) {
    if (load<u8>(flags + i) != 1) continue;
    const point = points + <usize>i * size;
    gather(both, point, point + ROW);
    mul(both, both, UNIT);
    residue(both, 0, 0, out + <usize>i * 2 * WIDTH);
    residue(both, 1, 0, out + <usize>i * 2 * WIDTH + WIDTH);
  }
}

/** Two addresses: the sum so far, and the point of the table that comes to it. */
function entry(queue: usize, k: i32, sum: usize, point: usize): void {
  store<u32>(queue + (<usize>k << 3), <u32>sum);
  store<u32>(queue + (<usize>k << 3), <u32>point, 4);
}

/** The number of pairs; where a half would be empty, something is added up that nobody asked for. */
function paired(queue: usize, waiting: i32, spare: usize, table: usize, row: usize): i32 {
  if (waiting & 1) {
    const size = ROW << 1;
    // G, and twice G times a power of 256: never equal, nor each other's negatives.
    memory.copy(spare, table + size, size);
    entry(queue, waiting, spare, row + 2 * size);
  }
  return (waiting + 1) >> 1;
}

function subtractAll(queue: usize, pairs: i32, differences: usize): void {
  const x = U;
  for (let k = 0; k < pairs; k++) {
    const e = queue + (<usize>k << 4);
    const difference = differences + <usize>k * PAIR;
    gather(difference, <usize>load<u32>(e, 4), <usize>load<u32>(e, 12));
    gather(x, <usize>load<u32>(e), <usize>load<u32>(e, 8));
    sub(difference, difference, x);
  }
}

/** Takes out of the queue what meets its own x, and flags it; the number of those that stay. */
function dropEqual(queue: usize, waiting: i32, points: usize, flags: usize): i32 {
  const x = U;
  let kept = 0;
  for (let k = 0; k < waiting; k++) {
    const sum = <usize>load<u32>(queue + (<usize>k << 3));
    const point = <usize>load<u32>(queue + (<usize>k << 3), 4);
    gather(x, point, point);
    gather(x + PAIR, sum, sum);
    sub(x, x, x + PAIR);
    mul(x, x, ONE);
    if (isZero(x, 0)) store<u8>(flags + (sum - points) / (ROW << 1), 2);
    else entry(queue, kept++, sum, point);
  }
  return kept;
}

/** The sums of two entries, with the reciprocals of the differences of x. */
function addAffine(entries: usize, reciprocals: usize): void {
  const sum0 = <usize>load<u32>(entries);
  const point0 = <usize>load<u32>(entries, 4);
  const sum1 = <usize>load<u32>(entries, 8);
  const point1 = <usize>load<u32>(entries, 12);
  const sumX = U;
  const sumY = U + PAIR;
  const x = U + 2 * PAIR;
  const y = U + 3 * PAIR;
  const slope = U + 4 * PAIR;
  gather(sumX, sum0, sum1);
  gather(sumY, sum0 + ROW, sum1 + ROW);
  gather(x, point0, point1);
  gather(y, point0 + ROW, point1 + ROW);
  sub(slope, y, sumY);
  mul(slope, slope, reciprocals);
  mul(y, slope, slope);
  sub(y, y, sumX);
  sub(x, y, x);
  reduce(x);
  sub(sumX, sumX, x);
  mul(y, slope, sumX);
  sub(y, y, sumY);
  reduce(y);
  scatter(x, sum0, sum1);
  scatter(y, sum0 + ROW, sum1 + ROW);
}

/** `jacobian` of field.as.ts, for numbers as the host has them. `work`: five pairs for every two numbers, and eight more. */
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
  for (; z < to && formed < budget; z++) {
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
          // Equal but for a few times p, which the host finds out.
          if ((low - load<u64>(rights + (<usize>k << 3))) * inverse + 4 > 8 || x == firstY + k) continue;
          if (found < most) {
            const hit = hits + <usize>found * 12;
            store<i32>(hit, x);
            store<i32>(hit, firstY + k, 4);
            store<i32>(hit, z, 8);
            found++;
          }
        }
      }
    }
  }
  store<i32>(next, z);
  store<i32>(next, formed, 4);
  return found;
}
