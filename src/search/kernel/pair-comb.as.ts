// `comb` of field.as.ts on pairs: fixed-base multiplication with batched affine additions, one inversion per
// step.

import { difference as subtract, sub } from './multiply.as'; // made by build.mjs
import { FROM_WORDS, ONE, PAIR, POWERS, RAW, ROW, U, UNIT, WIDTH, WORDS, gather, isZero, mul, reduce, residue, scatter, setHalf, use } from './pair-numbers.as';

/** work[i] = 1 / values[i] for pairs (Montgomery's trick). False if any half is zero. */
export function invertAll(values: usize, count: i32, work: usize): bool {
  // The product is needed for a single pair too: only a reduced value can be tested for zero.
  mul(work, values, ONE);
  for (let i = 1; i < count; i++) mul(work + <usize>i * PAIR, work + <usize>(i - 1) * PAIR, values + <usize>i * PAIR);
  const all = U;
  const last = work + <usize>(count - 1) * PAIR;
  if (isZero(last, 0) || isZero(last, 1)) return false;
  raise(all, last);
  for (let i = count - 1; i > 0; i--) {
    mul(work + <usize>i * PAIR, all, work + <usize>(i - 1) * PAIR);
    mul(all, all, values + <usize>i * PAIR);
  }
  memory.copy(work, all, PAIR);
  return true;
}

/** o = a^(p - 2) = 1 / a (Fermat), fixed 4-bit windows. The lowest word of every prime here is above 2. */
function raise(o: usize, a: usize): void {
  const powers = POWERS;
  memory.copy(powers, ONE, PAIR);
  for (let i: usize = 1; i < 16; i++) mul(powers + i * PAIR, powers + (i - 1) * PAIR, a);
  memory.copy(o, ONE, PAIR);
  for (let i = (WORDS << 4) - 1; i >= 0; i--) {
    for (let k = 0; k < 4; k++) mul(o, o, o);
    const digit = <usize>(exponent(i >>> 4) >>> (<u64>(i & 15) << 2)) & 15;
    if (digit != 0) mul(o, o, powers + digit * PAIR);
  }
}

/** A word of p - 2. */
@inline function exponent(i: i32): u64 {
  return load<u64>(RAW + (<usize>i << 3)) - (i == 0 ? 2 : 0);
}

/** Converts `count` numbers in the host's Montgomery form to rows. */
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
 * Bits of a signed digit. With digits of -128 to 128 a window stores half as many points: -P only negates y.
 */
const DIGIT = 8;
const HALF = 1 << (DIGIT - 1);
const SIZE: usize = ROW << 1;
/** Flag in the low bit of a point's address: negate y. */
const NEGATED: u32 = 1;

/** Point d of window w is d * 2^(8 w) * G, 1 <= d <= 128; 256 in the last window, whose digit is unsigned. */
@inline function pointOf(table: usize, w: usize, d: i32): usize {
  return table + ((w << (DIGIT - 1)) + <usize>d - 1) * SIZE;
}

/**
 * Fills the table (rows of x and y) from `powers`: 2^k * G, one more than a scalar has bits. Each pass adds
 * one power to all smaller multiples, in all windows at once. `work`: two rows and two addresses for each sum
 * of the largest pass (63 per window), and ten rows.
 */
export function fillTable(field: usize, table: usize, powers: usize, work: usize): void {
  use(field);
  const most = WIDTH * (HALF / 2) + 2;
  const lists = work + SIZE;
  for (let k = 0; k <= DIGIT; k++)
    for (let w: usize = k < DIGIT ? 0 : WIDTH - 1; w < WIDTH; w++)
      memory.copy(pointOf(table, w, 1 << k), powers + ((w << 3) + <usize>k) * SIZE, SIZE);
  for (let k = 1; k < DIGIT; k++) {
    let waiting = 0;
    // Only the last window has multiples above 128.
    for (let w: usize = 1 << k < HALF ? 0 : WIDTH - 1; w < WIDTH; w++)
      for (let i = 1; i < 1 << k; i++) {
        const sum = pointOf(table, w, (1 << k) + i);
        memory.copy(sum, pointOf(table, w, i), SIZE);
        entry(lists, waiting++, sum, pointOf(table, w, 1 << k));
      }
    addAll(lists, waiting, <i32>most, work, table);
  }
}

/**
 * `comb` of field.as.ts with signed digits and the table of `fillTable`. Writes plain affine points in the
 * host's word format. `work`: 4 rows and a pair of addresses per scalar, and 4 rows more.
 */
export function comb(
  field: usize, table: usize, scalars: usize, count: i32, out: usize, flags: usize, work: usize,
): void {
  use(field);
  const points = work;
  const spare = points + <usize>count * SIZE;
  const lists = spare + SIZE;
  memory.fill(flags, 0, count);
  for (let w: usize = 0; w < WIDTH; w++) {
    let waiting = 0;
    for (let i = 0; i < count; i++) {
      const known = load<u8>(flags + i);
      const flag = known & 3;
      // Signed-digit recoding: a negative digit of the previous window carries 1 into this one.
      let digit = <i32>load<u8>(scalars + <usize>i * WIDTH + w) + (known >>> 2);
      const negated = digit > HALF && w < WIDTH - 1;
      if (negated) digit = (1 << DIGIT) - digit;
      store<u8>(flags + i, (digit != 0 && flag == 0 ? 1 : flag) | (<u8>negated << 2));
      if (digit == 0 || flag == 2) continue;
      const point = pointOf(table, w, digit);
      const sum = points + <usize>i * SIZE;
      if (flag != 0) {
        entry(lists, waiting++, sum, point | (negated ? NEGATED : 0));
        continue;
      }
      memory.copy(sum, point, SIZE);
      if (negated) for (let at = sum + ROW; at < sum + SIZE; at += 8) store<f64>(at, -load<f64>(at));
    }
    if (addAll(lists, waiting, count, spare, table)) continue;
    waiting = dropEqual(lists, waiting, points, flags);
    addAll(lists, waiting, count, spare, table);
  }
  const both = U;
  for (let i = 0; i < count; i++) {
    if (load<u8>(flags + i) != 1) continue;
    const point = points + <usize>i * SIZE;
    gather(both, point, point + ROW);
    mul(both, both, UNIT);
    residue(both, 0, 0, out + <usize>i * 2 * WIDTH);
    residue(both, 1, 0, out + <usize>i * 2 * WIDTH + WIDTH);
  }
}

/**
 * Adds to each sum of `queue` its point. Returns false and changes nothing if two have equal x. The queue has
 * space for `most` + 1 entries, followed by the differences and their reciprocals.
 */
function addAll(queue: usize, waiting: i32, most: i32, spare: usize, table: usize): bool {
  if (waiting == 0) return true;
  const room = (<usize>most + 1) & ~1;
  const differences = queue + (room << 3);
  const reciprocals = differences + room * ROW;
  const pairs = paired(queue, waiting, spare, table);
  subtractAll(queue, pairs, differences);
  if (!invertAll(differences, pairs, reciprocals)) return false;
  for (let k = 0; k < pairs; k++) addAffine(queue + (<usize>k << 4), reciprocals + <usize>k * PAIR);
  return true;
}

/** Queue entry: address of the partial sum, address of the table point to add. */
function entry(queue: usize, k: i32, sum: usize, point: usize): void {
  store<u32>(queue + (<usize>k << 3), <u32>sum);
  store<u32>(queue + (<usize>k << 3), <u32>point, 4);
}

@inline function sumOf(queue: usize, k: i32): usize {
  return <usize>load<u32>(queue + (<usize>k << 3));
}

@inline function addendOf(queue: usize, k: i32): usize {
  return <usize>(load<u32>(queue + (<usize>k << 3), 4) & ~NEGATED);
}

/** The number of pairs. An odd queue is padded with the dummy addition G + 2 G. */
function paired(queue: usize, waiting: i32, spare: usize, table: usize): i32 {
  if (waiting & 1) {
    memory.copy(spare, table, SIZE);
    entry(queue, waiting, spare, table + SIZE);
  }
  return (waiting + 1) >> 1;
}

function subtractAll(queue: usize, pairs: i32, differences: usize): void {
  const x = U;
  for (let k = 0; k < pairs; k++) {
    const difference = differences + <usize>k * PAIR;
    gather(difference, addendOf(queue, 2 * k), addendOf(queue, 2 * k + 1));
    gather(x, sumOf(queue, 2 * k), sumOf(queue, 2 * k + 1));
    subtract(difference, difference, x);
  }
}

/** Removes entries whose sum and point have equal x and flags them; returns the number kept. */
function dropEqual(queue: usize, waiting: i32, points: usize, flags: usize): i32 {
  const x = U;
  let kept = 0;
  for (let k = 0; k < waiting; k++) {
    const sum = sumOf(queue, k);
    const point = addendOf(queue, k);
    gather(x, point, point);
    gather(x + PAIR, sum, sum);
    subtract(x, x, x + PAIR);
    mul(x, x, ONE);
    const flag = flags + (sum - points) / SIZE;
    if (isZero(x, 0)) store<u8>(flag, (load<u8>(flag) & 4) | 2);
    else store<u64>(queue + (<usize>(kept++) << 3), load<u64>(queue + (<usize>k << 3)));
  }
  return kept;
}

/** Affine addition of two entries, given the reciprocals of the differences of x. */
function addAffine(entries: usize, reciprocals: usize): void {
  const sum0 = sumOf(entries, 0);
  const point0 = addendOf(entries, 0);
  const sum1 = sumOf(entries, 1);
  const point1 = addendOf(entries, 1);
  const signs = v128.and(v128.load(entries), i64x2.splat(<i64>NEGATED << 32));
  const sumX = U;
  const sumY = U + PAIR;
  const x = U + 2 * PAIR;
  const y = U + 3 * PAIR;
  const slope = U + 4 * PAIR;
  gather(sumX, sum0, sum1);
  gather(sumY, sum0 + ROW, sum1 + ROW);
  gather(x, point0, point1);
  gather(y, point0 + ROW, point1 + ROW);
  const turned = i64x2.shl(signs, 31);
  for (let i: usize = 0; i < PAIR; i += 16) v128.store(y + i, v128.xor(v128.load(y + i), turned));
  subtract(slope, y, sumY);
  mul(slope, slope, reciprocals);
  mul(y, slope, slope);
  sub(y, y, sumX);
  sub(x, y, x);
  reduce(x);
  subtract(sumX, sumX, x);
  mul(y, slope, sumX);
  sub(y, y, sumY);
  reduce(y);
  scatter(x, sum0, sum1);
  scatter(y, sum0 + ROW, sum1 + ROW);
}
