import { bitLength, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { WordReading } from '../core/types.js';
import { type FamilySearch, type FragmentFound, fragment } from './key-from-part.js';
import type { RunEdgeWindows } from './run-edge-windows.js';

/** d may be there modulo (p-1)(q-1) / g for a common divisor g of p-1 and q-1: 1 or an even number. */
const MOST_DIVISOR = 64;
/** Public exponents for which a quotient of doubles tells enough: k below 2^20 leaves 32 bits of its fraction. */
const MOST_E = 1n << 20n;
const TOLERANCE = 2 ** -26;
/** Of one modulus and one number, in products of words. */
const COST = 12;

/**
 * e * d = 1 + k (p-1)(q-1) / g with k < e, so that g * e * d / n is just below the integer k: by k (p + q) / n, or a little more with
 * more primes, which is nothing beside the precision of a double. The first bits of d and n are all it takes; what passes is divided in full.
 */
export function* privateExponents({ family, edges, effort, leave }: FamilySearch): Generator<FragmentFound> {
  const parts = edges(family.words);
  const columns = WORD_ENCODINGS.map((reading) => ({ reading, ...topsOf(parts, reading) }));
  for (const modulus of family.moduli) {
    const { n, e } = modulus;
    if (modulus.solved || parts.length === 0) continue;
    const small = e < MOST_E;
    if (!effort.spend(parts.length * columns.length * (small ? COST : family.words * 4))) {
      const { from, to } = parts.range(0, parts.length);
      leave('d', 'numbers were not tried as d of a known modulus', parts.length, from, to);
      continue;
    }
    const scale = Number(e) / top(n, family.words);
    for (const { reading, tops, indices } of columns) {
      for (let i = 0; i < indices.length; i++) {
        if (small && !nearInteger(tops[i]! * scale)) continue;
        const { value, ...place } = parts.part(indices[i]!, reading);
        if (isExponent(value, modulus)) yield fragment(modulus, 'd', place, { d: value });
      }
    }
  }
}

/**
 * So is a quotient with one of the divisors as denominator: a fraction so near is a convergent of the continued fraction of twice the
 * quotient, of which few have a small denominator.
 */
export function nearInteger(quotient: number): boolean {
  const doubled = 2 * quotient;
  let rest = doubled;
  let before = 0;
  let denominator = 1;
  while (denominator <= MOST_DIVISOR / 2) {
    const multiple = doubled * denominator;
    const whole = Math.round(multiple);
    if (Math.abs(multiple - whole) < TOLERANCE) return whole > 0;
    rest = 1 / (rest - Math.floor(rest));
    [before, denominator] = [denominator, Math.floor(rest) * denominator + before];
  }
  return false;
}

/** Of the bits of n, those that k (n - (p-1)(q-1)...) has: half for two primes, four fifths for five, OpenSSL's most. */
const SLACK = 0.8;

/** The same in full: g * e * d mod n lies below n by less than that. A random number does with a chance of 2^-60 at most. */
export function isExponent(d: bigint, { n, e }: { n: bigint; e: bigint }): boolean {
  if (d >= n || d < 3n) return false;
  const most = 1n << BigInt(Math.ceil(bitLength(n) * SLACK) + bitLength(e) + 16);
  const product = (e * d) % n;
  const fits = (rest: bigint) => n - rest < most && rest < n - 1n;
  if (fits(product)) return true;
  // Times 2, 4 and so on by sums: a hostile dump has many numbers that come so far.
  const twice = (2n * product) % n;
  let rest = 0n;
  for (let g = 2; g <= MOST_DIVISOR; g += 2) {
    rest += twice;
    if (rest >= n) rest -= n;
    if (fits(rest)) return true;
  }
  return false;
}

/** The windows that may be read so, and each as a fraction of 2^(64 words). */
function topsOf(parts: RunEdgeWindows, reading: WordReading): { tops: Float64Array; indices: Uint32Array } {
  const tops = new Float64Array(parts.length);
  const indices = new Uint32Array(parts.length);
  let count = 0;
  for (let i = 0; i < parts.length; i++) {
    if (!parts.mayRead(i, reading)) continue;
    tops[count] = TOPS[reading](parts.stored(i));
    indices[count++] = i;
  }
  return { tops: tops.subarray(0, count), indices: indices.subarray(0, count) };
}

const WORD = 2 ** 32;
const fraction = (a: number, b: number, c: number, d: number) =>
  (((d / WORD + c) / WORD + b) / WORD + a) / WORD;

/** From the highest 128 bits, four words of 32. */
export const TOPS: { [K in WordReading]: (stored: Buffer) => number } = {
  'limbs-le': (stored) => {
    const end = stored.length;
    const at = (i: number) => stored.readUInt32LE(end - 4 * i);
    return fraction(at(1), at(2), at(3), at(4));
  },
  'bytes-be': (stored) => {
    const at = (i: number) => stored.readUInt32BE(4 * i);
    return fraction(at(0), at(1), at(2), at(3));
  },
  'int32-msw': (stored) => {
    const at = (i: number) => stored.readUInt32LE(4 * i);
    return fraction(at(0), at(1), at(2), at(3));
  },
};

function top(n: bigint, words: number): number {
  const shift = BigInt((words - 2) * 64);
  return Number(n >> shift) / 2 ** 128;
}
