// Arithmetic modulo an odd prime in Montgomery form, R = 2^(32 n), with n limbs of 32 bits, least significant
// first. The prime is data: one code path serves every curve.
//
// Field record at F: u32 n, u32 -p^-1 mod 2^32, then n limbs each of p, R^2 mod p, a, b (a, b in Montgomery
// form), then scratch.

import { NEVER } from './triples.as';
import { mul12, mul8 } from './multiply.as'; // made by build.mjs

let P: usize = 0;
let SQUARE: usize = 0;
export let A: usize = 0;
export let B: usize = 0;
let T: usize = 0; // n + 2 limbs
export let U: usize = 0; // six numbers
let n: i32 = 0;
let inverse: u64 = 0;
export let bytes: usize = 0;

export function use(field: usize): void {
  n = load<i32>(field);
  inverse = <u64>load<u32>(field, 4);
  bytes = <usize>n << 2;
  P = field + 8;
  SQUARE = P + bytes;
  A = SQUARE + bytes;
  B = A + bytes;
  T = B + bytes;
  U = T + bytes + 8;
}

/** o = a * b / R mod p; o may be a or b. */
export function mul(o: usize, a: usize, b: usize): void {
  if (n == 8) mul8(o, a, b, P, inverse);
  else if (n == 12) mul12(o, a, b, P, inverse);
  else mulAny(o, a, b);
}

/** Montgomery multiplication by CIOS (coarsely integrated operand scanning; Koç, Acar and Kaliski, 1996). */
function mulAny(o: usize, a: usize, b: usize): void {
  memory.fill(T, 0, bytes + 8);
  for (let i: usize = 0; i < bytes; i += 4) {
    const x = <u64>load<u32>(a + i);
    let carry: u64 = 0;
    for (let j: usize = 0; j < bytes; j += 4) {
      carry += <u64>load<u32>(T + j) + x * <u64>load<u32>(b + j);
      store<u32>(T + j, <u32>carry);
      carry >>>= 32;
    }
    carry += <u64>load<u32>(T + bytes);
    store<u32>(T + bytes, <u32>carry);
    store<u32>(T + bytes, <u32>(carry >>> 32), 4);
    const m = (<u64>load<u32>(T) * inverse) & 0xffffffff;
    carry = (<u64>load<u32>(T) + m * <u64>load<u32>(P)) >>> 32;
    for (let j: usize = 4; j < bytes; j += 4) {
      carry += <u64>load<u32>(T + j) + m * <u64>load<u32>(P + j);
      store<u32>(T + j - 4, <u32>carry);
      carry >>>= 32;
    }
    carry += <u64>load<u32>(T + bytes);
    store<u32>(T + bytes - 4, <u32>carry);
    store<u32>(T + bytes, load<u32>(T + bytes, 4) + <u32>(carry >>> 32));
  }
  let borrow: u64 = 0;
  for (let j: usize = 0; j < bytes; j += 4) {
    const d = <u64>load<u32>(T + j) - <u64>load<u32>(P + j) - borrow;
    store<u32>(o + j, <u32>d);
    borrow = (d >>> 32) & 1;
  }
  if (<u64>load<u32>(T + bytes) < borrow) memory.copy(o, T, bytes);
}

export function add(o: usize, a: usize, b: usize): void {
  let carry: u64 = 0;
  for (let j: usize = 0; j < bytes; j += 4) {
    carry += <u64>load<u32>(a + j) + <u64>load<u32>(b + j);
    store<u32>(T + j, <u32>carry);
    carry >>>= 32;
  }
  let borrow: u64 = 0;
  for (let j: usize = 0; j < bytes; j += 4) {
    const d = <u64>load<u32>(T + j) - <u64>load<u32>(P + j) - borrow;
    store<u32>(o + j, <u32>d);
    borrow = (d >>> 32) & 1;
  }
  if (carry < borrow) memory.copy(o, T, bytes);
}

export function sub(o: usize, a: usize, b: usize): void {
  let borrow: u64 = 0;
  for (let j: usize = 0; j < bytes; j += 4) {
    const d = <u64>load<u32>(a + j) - <u64>load<u32>(b + j) - borrow;
    store<u32>(o + j, <u32>d);
    borrow = (d >>> 32) & 1;
  }
  if (!borrow) return;
  let carry: u64 = 0;
  for (let j: usize = 0; j < bytes; j += 4) {
    carry += <u64>load<u32>(o + j) + <u64>load<u32>(P + j);
    store<u32>(o + j, <u32>carry);
    carry >>>= 32;
  }
}

export function isZero(a: usize): bool {
  let any: u32 = 0;
  for (let j: usize = 0; j < bytes; j += 4) any |= load<u32>(a + j);
  return any == 0;
}

export function isBelow(a: usize): bool {
  for (let j: i32 = n - 1; j >= 0; j--) {
    const x = load<u32>(a + (<usize>j << 2));
    const y = load<u32>(P + (<usize>j << 2));
    if (x != y) return x < y;
  }
  return false;
}

/**
 * o = a^(p - 2) = 1 / a (Fermat). Every field has an odd p > 2^31, so p - 2 borrows from the lowest limb only
 * if that limb is 1.
 */
function invert(o: usize, a: usize): void {
  const base = U;
  const result = U + bytes;
  memory.copy(base, a, bytes);
  memory.copy(result, a, bytes);
  let top = (n << 5) - 1;
  while (((exponentLimb(top >>> 5) >>> (<u32>top & 31)) & 1) == 0) top--;
  for (let i = top - 1; i >= 0; i--) {
    mul(result, result, result);
    if ((exponentLimb(i >>> 5) >>> (<u32>i & 31)) & 1) mul(result, result, base);
  }
  memory.copy(o, result, bytes);
}

/** A limb of p - 2. */
function exponentLimb(i: i32): u32 {
  const limb = load<u32>(P + (<usize>i << 2));
  if (i == 0) return limb - 2;
  if (load<u32>(P) >= 2) return limb;
  for (let j = 1; j < i; j++) if (load<u32>(P + (<usize>j << 2)) != 0) return limb;
  return limb - 1;
}

/** Converts numbers below p to Montgomery form, in place. */
export function convert(field: usize, values: usize, count: i32): void {
  use(field);
  for (let i = 0; i < count; i++) mul(values + <usize>i * bytes, values + <usize>i * bytes, SQUARE);
}

/**
 * Both sides of the curve equation for each value v (Montgomery form): the low 64 bits of v^2 and of v^3 + a
 * v + b. If the word of w^2 is near the word of v^3 + a v + b (`markNear` in join.as.ts), (v, w) may be a
 * point. Values >= p get two words that never match. `rights` may be 0 if only squares are needed.
 */
export function equation(field: usize, values: usize, count: i32, squares: usize, rights: usize): void {
  use(field);
  const square = U;
  const right = U + bytes;
  for (let i = 0; i < count; i++) {
    const v = values + <usize>i * bytes;
    const o = <usize>i << 3;
    if (!isBelow(v)) {
      store<u64>(squares + o, 0);
      if (rights != 0) store<u64>(rights + o, NEVER);
      continue;
    }
    mul(square, v, v);
    store<u64>(squares + o, load<u64>(square));
    if (rights == 0) continue;
    add(right, square, A);
    mul(right, right, v);
    add(right, right, B);
    store<u64>(rights + o, load<u64>(right));
  }
}

/**
 * values[i] = 1 / values[i] with one inversion (Montgomery's trick). No value may be zero. `work`: `count`
 * numbers.
 */
function invertAll(field: usize, values: usize, count: i32, work: usize): void {
  use(field);
  if (count == 0) return;
  memory.copy(work, values, bytes);
  for (let i = 1; i < count; i++)
    mul(work + <usize>i * bytes, work + <usize>(i - 1) * bytes, values + <usize>i * bytes);
  const all = U + 2 * bytes;
  const one = U + 3 * bytes;
  invert(all, work + <usize>(count - 1) * bytes);
  for (let i = count - 1; i > 0; i--) {
    mul(one, all, work + <usize>(i - 1) * bytes);
    mul(all, all, values + <usize>i * bytes);
    memory.copy(values + <usize>i * bytes, one, bytes);
  }
  memory.copy(values, all, bytes);
}

/** acc += point in affine coordinates (2M + 1S), with 1 / (point.x - acc.x) already known. */
function addAffine(acc: usize, point: usize, reciprocal: usize): void {
  const slope = U + 4 * bytes;
  const x = U + 5 * bytes;
  sub(x, point + bytes, acc + bytes);
  mul(slope, x, reciprocal);
  mul(x, slope, slope);
  sub(x, x, acc);
  sub(x, x, point);
  sub(acc, acc, x);
  mul(acc, slope, acc);
  sub(acc + bytes, acc, acc + bytes);
  memory.copy(acc, x, bytes);
}

/**
 * 2^k Q for k < count (affine, Montgomery form) from Q at `out`: Jacobian doublings, then one shared
 * inversion. `work`: two numbers per point.
 */
export function powers(field: usize, out: usize, count: i32, work: usize): void {
  use(field);
  const size = bytes << 1;
  const zs = work;
  const scratch = work + <usize>count * bytes;
  const zz = U;
  const m = U + bytes;
  const s = U + 2 * bytes;
  const yy = U + 3 * bytes;
  const t = U + 4 * bytes;
  // Z = 1 in Montgomery form is R mod p.
  memory.fill(t, 0, bytes);
  store<u32>(t, 1);
  mul(zs, t, SQUARE);
  for (let k = 1; k < count; k++) {
    const from = out + <usize>(k - 1) * size;
    const to = from + size;
    const z = zs + <usize>(k - 1) * bytes;
    // Jacobian doubling: M = 3 X^2 + a Z^4, S = 4 X Y^2, X' = M^2 - 2 S, Y' = M (S - X') - 8 Y^4, Z' = 2 Y Z.
    mul(zz, z, z);
    mul(zz, zz, zz);
    mul(zz, zz, A);
    mul(m, from, from);
    add(t, m, m);
    add(m, t, m);
    add(m, m, zz);
    mul(yy, from + bytes, from + bytes);
    mul(s, from, yy);
    add(s, s, s);
    add(s, s, s);
    mul(to, m, m);
    sub(to, to, s);
    sub(to, to, s);
    mul(yy, yy, yy);
    add(yy, yy, yy);
    add(yy, yy, yy);
    add(yy, yy, yy);
    sub(t, s, to);
    mul(t, m, t);
    sub(to + bytes, t, yy);
    mul(t, from + bytes, z);
    add(z + bytes, t, t);
  }
  invertAll(field, zs, count, scratch);
  for (let k = 0; k < count; k++) {
    const point = out + <usize>k * size;
    const z = zs + <usize>k * bytes;
    mul(zz, z, z);
    mul(point, point, zz);
    mul(zz, zz, z);
    mul(point + bytes, point + bytes, zz);
  }
}

/**
 * The table of the fixed-base window method: 256 points per window, point d of window w is d * 2^(8 w) * G.
 * `doubled`: the 8 * `windows` powers 2^k * G. `work`: 254 numbers per window.
 */
export function fillTable(field: usize, table: usize, windows: i32, doubled: usize, work: usize): void {
  use(field);
  const size = bytes << 1;
  for (let k = 0; k < 8; k++) {
    const many = (1 << k) - 1;
    for (let w = 0; w < windows; w++) {
      const row = table + (<usize>w << 8) * size;
      const power = doubled + <usize>(w * 8 + k) * size;
      memory.copy(row + <usize>(1 << k) * size, power, size);
      for (let i = 0; i < many; i++) sub(work + <usize>(w * many + i) * bytes, power, row + <usize>(i + 1) * size);
    }
    invertAll(field, work, windows * many, work + <usize>(windows * many) * bytes);
    for (let w = 0; w < windows; w++) {
      const row = table + (<usize>w << 8) * size;
      const power = doubled + <usize>(w * 8 + k) * size;
      for (let i = 0; i < many; i++) {
        const sum = row + <usize>(many + 2 + i) * size;
        memory.copy(sum, row + <usize>(i + 1) * size, size);
        addAffine(sum, power, work + <usize>(w * many + i) * bytes);
      }
    }
  }
}

/**
 * Fixed-base windowed multiplication: scalars[i] * G for `count` scalars of `width` bytes, least significant
 * first, one window of 256 points per byte. `out`: affine points in Montgomery form. flags[i]: 0 = scalar is
 * zero, 1 = done, 2 = an addition had equal x coordinates (doubling or infinity; left to the host). `work`: 3
 * numbers and 8 bytes per scalar.
 */
export function comb(
  field: usize, table: usize, scalars: usize, count: i32, width: i32, out: usize, flags: usize, work: usize,
): void {
  use(field);
  const size = bytes << 1;
  const differences = work;
  const scratch = work + <usize>count * bytes;
  const queue = scratch + <usize>count * bytes;
  memory.fill(flags, 0, count);
  for (let w = 0; w < width; w++) {
    const row = table + (<usize>w << 8) * size;
    let waiting = 0;
    for (let i = 0; i < count; i++) {
      const digit = <usize>load<u8>(scalars + <usize>i * width + w);
      const flag = load<u8>(flags + i);
      if (digit == 0 || flag == 2) continue;
      const acc = out + <usize>i * size;
      const point = row + digit * size;
      if (flag == 0) {
        memory.copy(acc, point, size);
        store<u8>(flags + i, 1);
        continue;
      }
      const difference = differences + <usize>waiting * bytes;
      sub(difference, point, acc);
      if (isZero(difference)) {
        store<u8>(flags + i, 2);
        continue;
      }
      store<u32>(queue + (<usize>waiting << 3), <u32>i);
      store<u32>(queue + (<usize>waiting << 3), <u32>point, 4);
      waiting++;
    }
    invertAll(field, differences, waiting, scratch);
    for (let k = 0; k < waiting; k++) {
      const i = <usize>load<u32>(queue + (<usize>k << 3));
      addAffine(out + i * size, <usize>load<u32>(queue + (<usize>k << 3), 4), differences + <usize>k * bytes);
    }
  }
}
