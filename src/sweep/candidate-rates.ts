import { lazy } from '../core/base/runtime/lazy.js';
import { domains } from './bigrams.js';

/**
 * Nibbles accepted at one position of the key: low nibbles in bits 0 to 15, high nibbles in bits 16 to 31.
 */
export type Nibbles = number;

/** Bytes, by their value. */
const BYTES = 256;
/** Sums kept of each kind, 8 KiB each with four domains. Few are asked for again much later. */
const KEPT = 4096;

/** Keeps what was computed, up to a number of entries. */
function kept<V>(cache: Map<number, V>, key: number, compute: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= KEPT) cache.clear();
  const value = compute();
  cache.set(key, value);
  return value;
}

const bitsOf = (mask: number): number[] => [...Array(16).keys()].filter((bit) => (mask >>> bit) & 1);

/**
 * Sums of rows of a matrix over the bytes that nibbles accept: all combinations of a low and a high nibble.
 * Each row is the sum of up to 16 parts, one for each high nibble, which many masks share.
 */
class RowSums {
  readonly #rows: readonly Float64Array[];
  readonly #sums = new Map<number, Float64Array>();
  readonly #parts = new Map<number, Float64Array>();

  constructor(rows: readonly Float64Array[]) {
    this.#rows = rows;
  }

  of(nibbles: Nibbles): Float64Array {
    return kept(this.#sums, nibbles, () =>
      this.#sum(bitsOf(nibbles >>> 16).map((high) => this.#part(high, nibbles & 0xffff))),
    );
  }

  #part(high: number, lows: number): Float64Array {
    return kept(this.#parts, (high << 16) | lows, () =>
      this.#sum(bitsOf(lows).map((low) => this.#rows[(high << 4) | low]!)),
    );
  }

  #sum(rows: readonly Float64Array[]): Float64Array {
    const sum = new Float64Array(this.#rows[0]!.length);
    for (const row of rows) for (let i = 0; i < sum.length; i++) sum[i]! += row[i]!;
    return sum;
  }
}

/** For each byte x: p(x) q(y|x) by domain and y; for each byte z: q(z|y) likewise. */
const matrices = lazy(() => {
  const models = domains();
  const before = Array.from({ length: BYTES }, () => new Float64Array(BYTES * models.length));
  const after = before.map((row) => row.slice());
  for (const [d, { first, next }] of models.entries())
    for (let x = 0; x < BYTES; x++)
      for (let y = 0; y < BYTES; y++) {
        const pair = next[(x << 8) | y]!;
        before[x]![BYTES * d + y] = first[x]! * pair;
        after[y]![BYTES * d + x] = pair;
      }
  return { before, after };
});

/**
 * Expected candidates for each byte of a dump: the sum of p(x) q(y|x) q(z|y) over accepted x, y, z, in all
 * domains. It factors by y into a sum over x and one over z: a search for an assignment asks for half a
 * million rates of 50,000 such sums.
 */
export class CandidateRates {
  readonly #before = new RowSums(matrices().before);
  readonly #after = new RowSums(matrices().after);

  of([xs, ys, zs]: readonly [Nibbles, Nibbles, Nibbles]): number {
    const before = this.#before.of(xs);
    const after = this.#after.of(zs);
    let sum = 0;
    for (let high = 0; high < 16; high++) {
      if (((ys >>> (16 + high)) & 1) === 0) continue;
      for (let low = 0; low < 16; low++) {
        if (((ys >>> low) & 1) === 0) continue;
        for (let y = (high << 4) | low; y < before.length; y += BYTES) sum += before[y]! * after[y]!;
      }
    }
    return sum;
  }
}
