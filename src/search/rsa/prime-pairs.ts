import { toNumber } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { WordEncoding } from '../core/types.js';
import { bareCrtParts, type CrtContext, type ExponentPrime } from './bare-crt-parts.js';
import { groupBy } from './modulus.js';
import { type FoundRsaKey, rsaMaterial } from './rsa-key.js';
import type { RsaProver } from './rsa-request.js';

/** Primes behind one that it is paired with. */
const REACH = 4;

/**
 * Pairs of primes of one length, encoding and e, the closest first; each prime in one pair. The product of
 * primes of two keys is a key too, but of no process: so both lie in one object, or with qinv = 1/q mod p
 * (RFC 8017, 3.2) near one of them.
 */
function* primePairs(
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

/** Keys of which no modulus is present, and no d. */
export function* crtKeys(
  known: ReadonlySet<bigint>,
  context: CrtContext,
  prover: RsaProver,
): Generator<FoundRsaKey> {
  const primes = bareCrtParts(context);
  // A prime of a key that is found already is no other key's.
  const open = primes.filter(({ value }) => ![...known].some((n) => n % value === 0n));
  for (const [first, second] of primePairs(open, context.bytes)) {
    const [p, q] = first.value > second.value ? [first, second] : [second, first];
    const material = rsaMaterial({ n: p.value * q.value, e: p.e, p: p.value, q: q.value });
    if (!prover.isProven(material)) continue;
    const { offset, length, reading } = first;
    const at = [first, second].map(({ exponent }) => `0x${exponent.toString(16)}`);
    const evidence = [`the numbers at ${at.join(' and ')} are the CRT exponents for e = ${p.e}`];
    const component = first === p ? 'p' : 'q';
    yield { material, place: { offset, length, reading }, evidence, component };
  }
}
