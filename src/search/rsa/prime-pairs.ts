import { toNumber } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { WordEncoding } from '../core/types.js';
import type { ExponentPrime } from './bare-crt-parts.js';
import { groupBy } from './group-by.js';

/** Primes behind one that it is paired with. */
const REACH = 4;

/**
 * Pairs of primes of one length, encoding and e, the closest first; each prime in one pair. The product of
 * primes of two keys is a key too, but of no process: so both lie in one object, or with qinv = 1/q mod p
 * (RFC 8017, 3.2) near one of them.
 */
export function* primePairs(
  primes: readonly ExponentPrime[],
  bytes: Pick<RunBytes, 'read'>,
): Generator<[ExponentPrime, ExponentPrime]> {
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
      if (taken.has(first) || taken.has(second)) continue;
      const inOneObject = first.run !== undefined && first.run === second.run && distance <= first.length * 4;
      if (!inOneObject && !haveCoefficient(first, second, bytes)) continue;
      taken.add(first).add(second);
      yield [first, second];
    }
  }
}

function haveCoefficient(
  first: ExponentPrime,
  second: ExponentPrime,
  bytes: Pick<RunBytes, 'read'>,
): boolean {
  const [p, q] = [first.value, second.value];
  for (const offset of [...(first.near ?? []), ...(second.near ?? [])]) {
    const value = toNumber(bytes.read(offset, first.length), first.reading as WordEncoding);
    if ((value * q) % p === 1n || (value * p) % q === 1n) return true;
  }
  return false;
}
