import {
  COMMON,
  DIGIT_GATES,
  LEAST_DISTINCT,
  MOST_COMMON,
  MOST_SCORE,
  NOISE_SCORES,
} from '../runs/weights.js';
import type { HitList } from './hits.js';

/** Words of the shortest run, and of a window that the randomness test reads: as in kernel/noise.as.ts. */
const SHORTEST = 3;
const WINDOW = 4;

const WORD = 8;

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
