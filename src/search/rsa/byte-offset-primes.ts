import { bitLength, toNumber } from '../core/integer-encodings.js';
import { mayBePrime } from '../core/product-tree.js';
import { looksRandom } from '../core/randomness-test.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Run, WordReading } from '../core/types.js';
import type { FragmentFound } from './key-from-part.js';
import type { Modulus } from './modulus.js';
import { type Multiple, type PrimeSearch, sharedPrimes } from './shared-primes.js';

/** Bytes that are read at once. */
const BLOCK = 1 << 16;
/** Bytes beside a run that may be a number's own: a word on either side that the net has missed. */
const MARGIN = 8;
/** What the sieve and a test of the rest cost for each byte in both orders: 0.4 us. */
const COST = 160;

/** Remainders modulo three to five small primes, for each byte that comes and each that goes; 1 where none of these divides. */
interface Sieve {
  modulus: number;
  passes: Uint8Array;
}

const FACTORS = [
  [3, 5, 7, 11, 13, 17],
  [19, 23, 29, 31],
] as const;

let made: readonly Sieve[] | undefined;

/** Made when a search first asks: half a million remainders take 30 ms, a tenth of the scan of a small file. */
function sieves(): readonly Sieve[] {
  made ??= FACTORS.map((primes) => {
    const modulus = primes.reduce<number>((product, prime) => product * prime, 1);
    const passes = Uint8Array.from({ length: modulus }, (_, rest) =>
      primes.every((p) => rest % p !== 0) ? 1 : 0,
    );
    return { modulus, passes };
  });
  return made;
}

export interface ByteOffsetRequest {
  /** Moduli of one size. */
  moduli: readonly Modulus[];
  runs: RunList;
  bytes: RunBytes;
  search: PrimeSearch;
}

/**
 * p or q of a modulus that somebody asks for, at any byte of any run, however long it is and whatever stands beside it: most
 * significant byte first or last. Small factors are sieved out byte by byte.
 */
export function* byteOffsetPrimes(request: ByteOffsetRequest): Generator<FragmentFound> {
  const { moduli, search } = request;
  const lengths = new Set(moduli.map(({ n }) => Math.ceil(bitLength(n) / 16)));
  for (const length of lengths) {
    const some = moduli.filter(({ n, solved }) => !solved && Math.ceil(bitLength(n) / 16) === length);
    // Where half of n's bits fill the bytes of a prime it is above n / 256^length: its first byte is n's at least.
    const least = Math.min(...some.map(({ n }) => (bitLength(n) % 16 === 0 ? firstByte(n) : 1)));
    const what = 'numbers inside runs did not divide known moduli';
    yield* sharedPrimes(candidates(length, least, request), some, search, 'every byte', what);
  }
}

const firstByte = (n: bigint): number => Number(n >> BigInt(bitLength(n) - 8));

function* candidates(length: number, least: number, request: ByteOffsetRequest): Generator<Multiple> {
  const { runs, bytes, search } = request;
  const left = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
  for (const run of runs.all()) {
    if (run.words * 8 + 2 * MARGIN < length) continue;
    for (const { from, to } of blocksOf(run, length)) {
      if (!search.effort.spend((to - from) * COST)) {
        const end = Math.min(to, run.offset + run.words * 8);
        left.count += end - from;
        left.from = Math.min(left.from, from);
        left.to = Math.max(left.to, end);
        continue;
      }
      const stored = bytes.read(from, to - from);
      yield* primesIn(stored, from, length, least, 'bytes-be');
      yield* primesIn(Buffer.from(stored).reverse(), from, length, least, 'limbs-le');
    }
  }
  if (left.count > 0)
    search.leave(
      'every byte',
      'bytes were not tried as the first of a prime',
      left.count,
      left.from,
      left.to,
    );
}

/** Blocks that share all bytes of a number but one. */
function* blocksOf(run: Run, length: number): Generator<{ from: number; to: number }> {
  const end = run.offset + run.words * 8 + MARGIN;
  for (let from = Math.max(0, run.offset - MARGIN); from + length <= end; from += BLOCK)
    yield { from, to: Math.min(end, from + BLOCK + length - 1) };
}

/** Numbers of `length` bytes, the most significant byte first, that may be prime; `stored` is turned round for `limbs-le`. */
function* primesIn(
  stored: Buffer,
  offset: number,
  length: number,
  least: number,
  reading: WordReading,
): Generator<Multiple> {
  const [one, two] = sieves().map((sieve) => ({ ...sieve, gone: goneBytes(sieve.modulus, length) })) as [
    Sieve & { gone: Int32Array },
    Sieve & { gone: Int32Array },
  ];
  let first = 0;
  let second = 0;
  for (let end = 0; end < stored.length; end++) {
    const start = end + 1 - length;
    const byte = stored[end]!;
    const gone = start > 0 ? stored[start - 1]! : 0;
    first = (first * 256 + byte + one.gone[gone]!) % one.modulus;
    second = (second * 256 + byte + two.gone[gone]!) % two.modulus;
    if (start < 0 || (byte & 1) === 0 || stored[start]! < least) continue;
    if (one.passes[first] === 0 || two.passes[second] === 0 || !looksRandom(stored, start, length)) continue;
    const value = toNumber(stored.subarray(start, end + 1), 'bytes-be');
    if (!mayBePrime(value)) continue;
    const at = reading === 'bytes-be' ? start : stored.length - end - 1;
    yield { value, part: 'p', offset: offset + at, length, reading };
  }
}

/** For each byte that leaves a window in front, what is added to its remainder: the modulus less the byte * 256^length. */
function goneBytes(modulus: number, length: number): Int32Array {
  let power = 1;
  for (let i = 0; i < length; i++) power = (power * 256) % modulus;
  return Int32Array.from({ length: 256 }, (_, byte) => (modulus - ((byte * power) % modulus)) % modulus);
}
