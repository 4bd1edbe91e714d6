import { PRIME_WORDS } from '../../runs/extractor.js';
import { INSIDE, indicesWhere, placeAt, type WindowColumns } from '../core/columns.js';
import { toNumber } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import type { RunBytes } from '../core/run-bytes.js';
import { MOST_MODULI, type Modulus } from './modulus.js';
import { USUAL_EXPONENT } from './rsa-texts.js';

/** Words of a modulus: shorter ones are toys, and every elliptic curve has numbers of their lengths. */
const LEAST = 16;
const SIZES = PRIME_WORDS.map((words) => 2 * words).filter((words) => words >= LEAST);

/**
 * Numbers at edges of runs that may be a modulus, which nothing but themselves tells: none of its primes is below 1,000, as with one random number in 13. Each of them is
 * held against all numbers that fill their runs, so that this is for searches without a budget. As many at once as are searched for together.
 */
export function* guessedModuli(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  bytes: RunBytes,
): Generator<Modulus[]> {
  for (const words of SIZES) {
    const moduli = new Map<bigint, Modulus>();
    const columns = windows.get(words);
    if (columns === undefined) continue;
    for (const index of indicesWhere(columns, (place) => place !== INSIDE)) {
      const { offset, length, reading } = placeAt(columns, index, words);
      const stored = bytes.read(offset, length);
      if (stored.length < length) continue;
      const n = toNumber(stored, reading);
      if (known.has(n) || moduli.has(n) || !mayBePrime(n)) continue;
      moduli.set(n, { n, e: USUAL_EXPONENT, assumed: true, words, asked: false, bare: true, solved: false });
      if (moduli.size < MOST_MODULI) continue;
      yield [...moduli.values()];
      moduli.clear();
    }
    if (moduli.size > 0) yield [...moduli.values()];
  }
}
