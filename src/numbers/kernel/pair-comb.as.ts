// `comb` of field.as.ts for pairs: scalars times the generator, by additions of which all reciprocals of a step are made with one inversion.

import { difference as subtract, sub } from './multiply.as'; // made by build.mjs
import { FROM_WORDS, ONE, PAIR, RAW, ROW, U, UNIT, WIDTH, WORDS, gather, isZero, mul, reduce, residue, scatter, setHalf, use } from './pair-numbers.as';

/** values[i] = 1 / values[i] for pairs, none of which may have a zero half; `work` has room for as many. False where one has. */
function invertAll(values: usize, count: i32, work: usize): bool {
  // Also of a single pair the product says whether a half is zero.
  mul(work, values, ONE);
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
    subtract(difference, difference, x);
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
    subtract(x, x, x + PAIR);
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
