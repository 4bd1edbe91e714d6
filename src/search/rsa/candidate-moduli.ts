/**
 * Numbers at edges of runs that may be a modulus although nothing else says so. One random number in 13 has
 * no prime factor below 1,000 and remains. Each is tried with all numbers that fill their runs, so this is
 * for searches without a budget.
 */

import { indicesWhere, type WindowColumns } from '../core/columns.js';
import { mayBePrime } from '../core/product-tree.js';
import type { RunBytes } from '../core/run-bytes.js';
import { MAX_MODULI, MODULUS_SIZES, type Modulus } from './modulus.js';
import { isAtEdge, readNumber } from './placed-number.js';
import { COMMON_EXPONENT } from './rsa-texts.js';

/** Moduli in batches of {@link MAX_MODULI}, each of one size. */
export function* candidateModuli(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  bytes: RunBytes,
): Generator<Modulus[]> {
  for (const words of MODULUS_SIZES) {
    const moduli = new Map<bigint, Modulus>();
    const columns = windows.get(words);
    if (columns === undefined) continue;
    for (const index of indicesWhere(columns, isAtEdge)) {
      const n = readNumber(columns, index, words, bytes)?.value;
      if (n === undefined || known.has(n) || moduli.has(n) || !mayBePrime(n)) continue;
      moduli.set(n, {
        ...{ n, e: COMMON_EXPONENT, assumed: true, words },
        ...{ isTarget: false, bare: true, solved: false },
      });
      if (moduli.size < MAX_MODULI) continue;
      yield [...moduli.values()];
      moduli.clear();
    }
    if (moduli.size > 0) yield [...moduli.values()];
  }
}
