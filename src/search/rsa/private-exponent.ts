/**
 * d of known moduli. e * d = 1 + k * (p - 1)(q - 1) / g with k < e and a small g, so g * e * d / n lies just
 * below the integer k: by k * (p + q) / n, which is nothing at the precision of a double, and by a little
 * more with more primes. The leading bits of d and n decide; what passes is divided in full.
 */

import { bitLength, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { WordEncoding } from '../core/types.js';
import { targetOf } from './modulus.js';
import { type KeyFromPart, keyFromPart, type PartSearch } from './prime-parts.js';
import type { RunEdgeWindows } from './run-edge-windows.js';

/**
 * Greatest g: d may be reduced modulo (p-1)(q-1) / g for a common divisor g of p - 1 and q - 1, 1 or even.
 */
const MAX_DIVISOR = 64;
/** Public exponents for which doubles are precise enough: k below 2^20 leaves 32 bits of the fraction. */
const MAX_E = 1n << 20n;
const TOLERANCE = 2 ** -26;
/** Cost of one modulus and one number, in products of words; of a division in full, for each word of n. */
const COST = 12;
const DIVISION_COST = 40;

const WHAT = 'numbers were not tried as d of a known modulus';

export function* privateExponents({ family, edges, effort }: PartSearch): Generator<KeyFromPart> {
  const windows = edges(family.words);
  const columns = WORD_ENCODINGS.map((reading) => ({ reading, ...fractionsOf(windows, reading) }));
  for (const modulus of family.moduli) {
    const { n, e } = modulus;
    if (modulus.solved || windows.length === 0) continue;
    const isSmall = e < MAX_E;
    const candidates = {
      ...({ search: 'rsa-known-n d', what: WHAT, targets: [targetOf(modulus)] } as const),
      ...{ count: windows.length, likely: windows.fillingCount, ...windows.range(0, windows.length) },
    };
    if (
      !effort.spend(
        windows.length * columns.length * (isSmall ? COST : family.words * DIVISION_COST),
        candidates,
      )
    )
      continue;
    const scale = Number(e) / leadingFraction(n, family.words);
    for (const { reading, fractions, indices } of columns) {
      for (let i = 0; i < indices.length; i++) {
        if (isSmall && !nearInteger(fractions[i]! * scale)) continue;
        const { value, ...place } = windows.number(indices[i]!, reading);
        if (isExponent(value, modulus)) yield keyFromPart(modulus, 'd', place, { d: value });
      }
    }
  }
}

/**
 * True if the quotient is close to a fraction whose denominator divides some g up to {@link MAX_DIVISOR}.
 * Such a fraction is a convergent of the continued fraction of twice the quotient (compare Wiener 1990), and
 * few of the convergents have a small denominator.
 */
export function nearInteger(quotient: number): boolean {
  const doubled = 2 * quotient;
  let rest = doubled;
  let before = 0;
  let denominator = 1;
  while (denominator <= MAX_DIVISOR / 2) {
    const multiple = doubled * denominator;
    const whole = Math.round(multiple);
    if (Math.abs(multiple - whole) < TOLERANCE) return whole > 0;
    rest = 1 / (rest - Math.floor(rest));
    [before, denominator] = [denominator, Math.floor(rest) * denominator + before];
  }
  return false;
}

/**
 * Length of k * (n - phi(n)) as a share of n's bits: half for two primes, four fifths for five, OpenSSL's
 * most.
 */
const GAP_SHARE = 0.8;

/**
 * The test in full: n - g * e * d mod n is that short. A random number passes with a probability of at most
 * 2^-60.
 */
export function isExponent(d: bigint, { n, e }: { n: bigint; e: bigint }): boolean {
  if (d >= n || d < 3n) return false;
  const most = 1n << BigInt(Math.ceil(bitLength(n) * GAP_SHARE) + bitLength(e) + 16);
  const product = (e * d) % n;
  const fits = (remainder: bigint) => n - remainder < most && remainder < n - 1n;
  if (fits(product)) return true;
  // Multiples by addition: a crafted dump can have many numbers that reach this point.
  const twice = (2n * product) % n;
  let remainder = 0n;
  for (let g = 2; g <= MAX_DIVISOR; g += 2) {
    remainder += twice;
    if (remainder >= n) remainder -= n;
    if (fits(remainder)) return true;
  }
  return false;
}

/** The windows that allow an encoding, each as a fraction of 2^(64 words). */
function fractionsOf(
  windows: RunEdgeWindows,
  reading: WordEncoding,
): { fractions: Float64Array; indices: Uint32Array } {
  const fractions = new Float64Array(windows.length);
  const indices = new Uint32Array(windows.length);
  let count = 0;
  for (let i = 0; i < windows.length; i++) {
    if (!windows.allows(i, reading)) continue;
    fractions[count] = LEADING_FRACTION[reading](windows.stored(i));
    indices[count++] = i;
  }
  return { fractions: fractions.subarray(0, count), indices: indices.subarray(0, count) };
}

const WORD = 2 ** 32;

/** Four 32-bit words, highest first, as a fraction of 2^128. */
const fraction = (word: (i: number) => number) =>
  (((word(3) / WORD + word(2)) / WORD + word(1)) / WORD + word(0)) / WORD;

/** A stored number as a fraction of 2^(64 words), from its highest 128 bits. */
export const LEADING_FRACTION: { [K in WordEncoding]: (stored: Buffer) => number } = {
  'limbs-le': (stored) => fraction((i) => stored.readUInt32LE(stored.length - 4 * (i + 1))),
  'bytes-be': (stored) => fraction((i) => stored.readUInt32BE(4 * i)),
  'int32-msw': (stored) => fraction((i) => stored.readUInt32LE(4 * i)),
};

function leadingFraction(n: bigint, words: number): number {
  const shift = BigInt((words - 2) * 64);
  return Number(n >> shift) / 2 ** 128;
}
