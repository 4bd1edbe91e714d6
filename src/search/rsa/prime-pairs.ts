import type { ExponentPrime } from './bare-crt-parts.js';
import { groupBy } from './group-by.js';

/**
 * Bytes up to which two primes are taken for those of one key. A product of two primes is a key in any case,
 * but maybe no one's.
 */
const MAX_DISTANCE = 1 << 16;
/** Primes behind one that it is paired with. */
const REACH = 4;

/** Pairs of primes of one length, encoding and e, the closest first; each prime in one pair. */
export function* primePairs(primes: readonly ExponentPrime[]): Generator<[ExponentPrime, ExponentPrime]> {
  const groups = groupBy(primes, ({ length, reading, e }) => `${length} ${reading} ${e}`);
  for (const group of groups.values()) {
    const sorted = [...group].sort((a, b) => a.offset - b.offset);
    const pairs = sorted.flatMap((first, i) =>
      sorted
        .slice(i + 1, i + 1 + REACH)
        .map((second) => ({ first, second, distance: second.offset - first.offset })),
    );
    const taken = new Set<ExponentPrime>();
    for (const { first, second, distance } of pairs.sort((a, b) => a.distance - b.distance)) {
      if (distance > MAX_DISTANCE || taken.has(first) || taken.has(second)) continue;
      taken.add(first).add(second);
      yield [first, second];
    }
  }
}
