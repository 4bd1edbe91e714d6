import type { HitList } from '../../../src/sweep/hits.js';
import { COMMON, NOISE_SCORES } from '../../../src/sweep/runs/weights.js';

/** Words of the shortest run, and of a window that the randomness test reads: as in kernel/noise.as.ts. */
const SHORTEST = 3;
const WINDOW = 4;

const WORD = 8;

/** The most {@link COMMON} values of a window that looks random. */
const MOST_COMMON = 12;

/** Gate of the entropy net: greatest score and fewest distinct bytes of a window of 32 bytes. */
const MOST_SCORE = 16;
const LEAST_DISTINCT = 24;

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

/** 1 for each common byte value. */
const IS_COMMON = Uint8Array.from(NOISE_SCORES, (_, byte) => Number(COMMON.includes(byte)));

/** Class of a word: 2 is GOOD, 1 is SOFT, 0 is neither. Bytes from `end` on count as zero. */
function classOf(data: Uint8Array, at: number, end: number): 0 | 1 | 2 {
  let zeros = 0;
  let tops = 0;
  for (let i = at; i < at + WORD; i++) {
    const byte = i < end ? data[i]! : 0;
    if (byte === 0) zeros++;
    else if (byte > 127) tops++;
  }
  if (zeros <= 1 && tops > 0 && tops < WORD) return 2;
  return zeros <= 2 ? 1 : 0;
}

function looksRandom(data: Uint8Array, at: number, end: number): boolean {
  let score = 0;
  let common = 0;
  const bits = new Uint32Array(2);
  const seen = new Set<number>();
  for (let i = at; i < at + WINDOW * WORD; i++) {
    const byte = i < end ? data[i]! : 0;
    score += NOISE_SCORES[byte]!;
    common += IS_COMMON[byte]!;
    seen.add(byte);
    bits[((i - at) % WORD) >> 2]! |= byte << (8 * ((i - at) % 4));
  }
  const digits = DIGIT_GATES.find(({ zero: [low, high] }) => ((bits[0]! & low) | (bits[1]! & high)) === 0);
  if (!digits && common > MOST_COMMON) return false;
  return score <= (digits?.most ?? MOST_SCORE) && seen.size >= LEAST_DISTINCT;
}

/**
 * The entropy net: finds the runs of data[from, to), as word index from `base` (a multiple of 8) and number
 * of words. `end` is the end of the bytes read, `preceding` the 8 bytes before `from`.
 */
export function scalarRuns(
  data: Uint8Array,
  from: number,
  to: number,
  end: number,
  preceding: Uint8Array,
  base: number,
  runs: HitList,
): void {
  const words = Math.ceil((to - from) / WORD);
  const classAt = (word: number) => classOf(data, from + WORD * word, end);
  const emit = (start: number, length: number): void => {
    const isCut = start === 0 || start + length >= words;
    const at = from + WORD * start;
    const random = () =>
      looksRandom(data, at, end) ||
      (length < WINDOW && [WORD, WORD / 2].some((before) => looksRandom(data, at - before, end))) ||
      (length > WINDOW && looksRandom(data, at + WORD * (length - WINDOW), end));
    if (isCut || (length >= SHORTEST && random())) runs.push((base + from) / WORD + start, length);
  };
  let previous = classOf(preceding, 0, preceding.length);
  let here = words > 0 ? classAt(0) : 0;
  let start = -1;
  for (let word = 0; word < words; word++) {
    const next = classAt(word + 1);
    const inRun = here === 2 || (here === 1 && previous === 2 && next === 2);
    if (inRun && start < 0) start = word;
    if (!inRun && start >= 0) {
      emit(start, word - start);
      start = -1;
    }
    previous = here;
    here = next;
  }
  if (start >= 0) emit(start, words - start);
}
