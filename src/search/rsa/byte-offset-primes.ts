/**
 * p or q of a target modulus at any byte offset of any run, however long the run and whatever surrounds the
 * number. A rolling remainder modulo two products of small primes discards most offsets, in both byte orders.
 */

import { bitLength, toNumber } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import { looksRandom } from '../core/randomness-test.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Run, WordEncoding } from '../core/types.js';
import { type Modulus, targetsOf } from './modulus.js';
import type { KeyFromPart } from './prime-parts.js';
import { type PrimeSearch, type SharedPrimeCandidate, sharedPrimes } from './shared-primes.js';

/** Bytes of one read. */
const BLOCK = 1 << 16;
/** Bytes on either side of a run that can belong to a number: one word that the entropy net has missed. */
const MARGIN = 8;
/** Cost of one byte in both byte orders, tests of the survivors included: 0.4 us. */
const COST = 160;

const NAME = 'rsa-known-n every byte';
const SKIPPED = 'byte offsets were not tried as the start of a prime';

/** `passes[r]` is 1 if no prime of the modulus divides a number with remainder r. */
interface Sieve {
  modulus: number;
  passes: Uint8Array;
}

const FACTORS = [
  [3, 5, 7, 11, 13, 17],
  [19, 23, 29, 31],
] as const;

let sieveTables: readonly Sieve[] | undefined;

/** Built on first use: half a million remainders take 30 ms, a tenth of the scan of a small file. */
function sieves(): readonly Sieve[] {
  sieveTables ??= FACTORS.map((primes) => {
    const modulus = primes.reduce<number>((product, prime) => product * prime, 1);
    const passes = Uint8Array.from({ length: modulus }, (_, remainder) =>
      primes.every((p) => remainder % p !== 0) ? 1 : 0,
    );
    return { modulus, passes };
  });
  return sieveTables;
}

/** A sieve for numbers of one length: `outgoing` removes the byte that leaves the window. */
interface RollingSieve extends Sieve {
  outgoing: Int32Array;
}

const rollingSieves = (length: number): readonly RollingSieve[] =>
  sieves().map((sieve) => ({ ...sieve, outgoing: outgoingTerms(sieve.modulus, length) }));

export interface ByteOffsetRequest {
  /** Moduli of one size. */
  moduli: readonly Modulus[];
  runs: RunList;
  bytes: RunBytes;
  search: PrimeSearch;
}

export function* byteOffsetPrimes(request: ByteOffsetRequest): Generator<KeyFromPart> {
  const { moduli, search } = request;
  const lengths = new Set(moduli.map(({ n }) => primeBytes(n)));
  for (const length of lengths) {
    const some = moduli.filter(({ n, solved }) => !solved && primeBytes(n) === length);
    // If half of n's bits fill the bytes of a prime, the prime is above n / 256^length: its first byte is at
    // least n's.
    const least = Math.min(...some.map(({ n }) => (bitLength(n) % 16 === 0 ? firstByte(n) : 1)));
    const what = 'numbers inside runs were not tried as divisors of known moduli';
    yield* sharedPrimes(candidates(length, least, { ...request, moduli: some }), some, search, NAME, what);
  }
}

/** Bytes of a prime that has half the bits of n. */
const primeBytes = (n: bigint): number => Math.ceil(bitLength(n) / 16);

const firstByte = (n: bigint): number => Number(n >> BigInt(bitLength(n) - 8));

function* candidates(
  length: number,
  least: number,
  { moduli, runs, bytes, search }: ByteOffsetRequest,
): Generator<SharedPrimeCandidate> {
  const targets = targetsOf(moduli);
  const rolling = rollingSieves(length);
  for (const run of runs.all()) {
    if (run.words * 8 + 2 * MARGIN < length) continue;
    for (const { from, to } of blocksOf(run, length)) {
      const end = Math.min(to, run.offset + run.words * 8);
      const candidates = {
        search: NAME,
        what: SKIPPED,
        targets,
        count: Math.min(BLOCK, end - from),
        from,
        to: end,
      } as const;
      if (!search.effort.spend((to - from) * COST, candidates)) continue;
      const stored = bytes.read(from, to - from);
      yield* primesIn(stored, { offset: from, length, least, reading: 'bytes-be' }, rolling);
      stored.reverse();
      yield* primesIn(stored, { offset: from, length, least, reading: 'limbs-le' }, rolling);
    }
  }
}

/** Blocks that overlap by the length of a number less one byte. */
function* blocksOf(run: Run, length: number): Generator<{ from: number; to: number }> {
  const end = run.offset + run.words * 8 + MARGIN;
  for (let from = Math.max(0, run.offset - MARGIN); from + length <= end; from += BLOCK)
    yield { from, to: Math.min(end, from + BLOCK + length - 1) };
}

interface Wanted {
  /** File offset of the first byte. */
  offset: number;
  length: number;
  /** Least value of the most significant byte. */
  least: number;
  reading: WordEncoding;
}

/** Numbers that may be prime, most significant byte first; `stored` is reversed for `limbs-le`. */
function* primesIn(
  stored: Buffer,
  { offset, length, least, reading }: Wanted,
  [one, two]: readonly RollingSieve[],
): Generator<SharedPrimeCandidate> {
  const { modulus: m1, passes: passes1, outgoing: out1 } = one!;
  const { modulus: m2, passes: passes2, outgoing: out2 } = two!;
  let first = 0;
  let second = 0;
  for (let end = 0; end < stored.length; end++) {
    const start = end + 1 - length;
    const byte = stored[end]!;
    const outgoing = start > 0 ? stored[start - 1]! : 0;
    first = (first * 256 + byte + out1[outgoing]!) % m1;
    second = (second * 256 + byte + out2[outgoing]!) % m2;
    if (start < 0 || (byte & 1) === 0 || stored[start]! < least) continue;
    if (passes1[first] === 0 || passes2[second] === 0 || !looksRandom(stored, start, length)) continue;
    const value = toNumber(stored.subarray(start, end + 1), 'bytes-be');
    if (!mayBePrime(value)) continue;
    const at = reading === 'bytes-be' ? start : stored.length - end - 1;
    yield { value, part: 'p', offset: offset + at, length, reading };
  }
}

/** Term that removes the byte leaving the window from the rolling remainder: -byte * 256^length. */
function outgoingTerms(modulus: number, length: number): Int32Array {
  let power = 1;
  for (let i = 0; i < length; i++) power = (power * 256) % modulus;
  return Int32Array.from({ length: 256 }, (_, byte) => (modulus - ((byte * power) % modulus)) % modulus);
}
