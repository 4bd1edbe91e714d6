/**
 * Weight of each byte value, 8 log2(256 f): f is its frequency at the starts of runs of machine code, tables
 * and text (1 GB of system files and a JVM's core). Uniform noise scores low. Fits i8.
 */
// biome-ignore format: a table of sixteen columns
export const NOISE_SCORES: Int8Array = Int8Array.of(
  32, 25, 15, 16, 16, 15, 7, 7, 18, 5, 2, -1, 1, -2, 1, 18,
  11, 4, 6, 7, -7, 4, -12, -13, 0, 6, -15, -9, -6, -7, -13, -3,
  9, -13, -17, -16, 13, -15, -19, -15, -2, -7, 6, 0, -2, -5, -12, -14,
  -3, 1, -12, -15, -14, -11, -4, -16, -4, -2, -2, -11, -13, -6, -14, -16,
  0, 12, -8, -5, 8, 4, -11, -9, 29, 10, -15, -13, 14, 2, -10, -13,
  -2, -16, -16, 15, -1, 0, -9, -6, -10, 16, -18, -12, -8, -7, -17, -15,
  -7, 1, -14, -6, -4, 0, 6, -11, -6, -2, -18, -11, -5, -9, -3, 1,
  -5, -20, -3, -2, 6, 0, -14, -14, -9, -13, -17, -13, -10, -9, -13, -10,
  0, -5, -9, 11, 3, 8, -8, -13, -6, 24, -16, 20, -11, 11, -14, -14,
  -2, -19, -19, -18, -13, -9, -17, -18, -11, -9, -13, -18, -14, -16, -17, -15,
  -7, -14, -12, -19, -4, -13, -11, -4, -7, -17, -13, -19, -11, -16, -13, -14,
  -1, -13, -6, -14, 2, -5, 9, -6, 1, -9, -10, -7, -11, 7, -4, -9,
  7, -3, -7, -1, -6, -10, -3, -4, -7, -9, -15, -20, -15, -22, -13, -17,
  6, -3, -9, -14, -19, -14, -16, -14, -5, -8, -14, -11, -21, -23, -15, -5,
  9, -6, -12, -13, -15, -6, -10, -9, 12, 1, -12, -8, -2, -9, -14, -9,
  -8, -16, -11, -9, -16, -17, -5, -9, -6, -12, -9, -9, -10, -8, -1, 27,
);

/**
 * The values of the highest scores. One random window of 32 bytes in 50,000 has more than {@link MOST_COMMON}
 * of them.
 */
export const COMMON: readonly number[] = [...NOISE_SCORES.keys()]
  .sort((a, b) => NOISE_SCORES[b]! - NOISE_SCORES[a]! || a - b)
  .slice(0, 28);
export const MOST_COMMON = 12;

/** Gate of the entropy net: greatest score and fewest distinct bytes of a window of 32 bytes. */
export const MOST_SCORE = 16;
export const LEAST_DISTINCT = 24;

/** A gate for words with some zero bits: those bits, and the greatest score of 32 such bytes. */
interface DigitGate {
  /** Bits that are zero in all words, from the lowest 32 to the highest. */
  zero: readonly [low: number, high: number];
  most: number;
}

/**
 * Gates for digits of big integers, as in the kernels. Their top bytes have few values, which score high: 8
 * values for V8's small integers of 26 bits with compressed pointers, 16 for 28 bits of 32 and 60 of 64
 * (libtommath), 64 for 30 of 32 (CPython).
 */
export const DIGIT_GATES: readonly DigitGate[] = [
  { zero: [0xf8000001, 0xf8000001], most: 192 },
  { zero: [0xf0000000, 0xf0000000], most: 152 },
  { zero: [0xc0000000, 0xc0000000], most: 64 },
  { zero: [0, 0xf0000000], most: 88 },
];
