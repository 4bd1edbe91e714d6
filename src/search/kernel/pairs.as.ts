// The pair kernel (pair-numbers.as.ts): the curve functions of numbers.as.ts, two numbers at a time.

import { add } from './multiply.as'; // made by build.mjs
import { BIG_ENDIAN, MONTGOMERY, NEVER } from './triples.as';
import {
  A, B, FROM_PLAIN, FROM_WORDS, PAIR, U, WIDTH, isBelow, mul, quotientOf, setHalf, setReversed, use,
} from './pair-numbers.as';

export { comb, fillTable, toRows } from './pair-comb.as';
export { jacobian } from './pair-jacobian.as';

/** True if relaxed_madd rounds once. Everything here depends on it. */
export function fuses(): bool {
  // (1 + e)^2 - (1 + 2 e) = e^2 = 2^-54, which survives only a single rounding.
  const e: f64 = 7.450580596923828125e-9;
  const x = f64x2.splat(1 + e);
  const rest = f64x2.relaxed_madd(x, x, f64x2.splat(-(1 + 2 * e)));
  return f64x2.extract_lane(rest, 0) == e * e && f64x2.extract_lane(rest, 1) == e * e;
}

/** `equation` of field.as.ts for `values` in host format, encoded as `form` (forms.as.ts). */
export function equation(field: usize, values: usize, form: i32, count: i32, squares: usize, rights: usize): void {
  use(field);
  const v = U;
  const square = U + PAIR;
  const right = U + 2 * PAIR;
  const factor = form == MONTGOMERY ? FROM_WORDS : FROM_PLAIN;
  for (let i = 0; i < count; i += 2) {
    const both: usize = i + 1 < count ? 1 : 0;
    const at = values + <usize>i * WIDTH;
    if (form == BIG_ENDIAN) {
      setReversed(v, 0, at);
      setReversed(v, 1, at + both * WIDTH);
    } else {
      setHalf(v, 0, at);
      setHalf(v, 1, at + both * WIDTH);
    }
    mul(v, v, factor);
    mul(square, v, v);
    if (rights != 0) {
      add(right, square, A);
      mul(right, right, v);
      add(right, right, B);
    }
    for (let half: usize = 0; half <= both; half++) {
      const o = (<usize>i + half) << 3;
      const isOne = form != MONTGOMERY || isBelow(at + half * WIDTH);
      store<u64>(squares + o, isOne ? quotientOf(square, half) : 0);
      if (rights != 0) store<u64>(rights + o, isOne ? quotientOf(right, half) : NEVER);
    }
  }
}
