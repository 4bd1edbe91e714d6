import {
  COMMON,
  DIGIT_GATES,
  LEAST_DISTINCT,
  MOST_COMMON,
  MOST_SCORE,
  NOISE_SCORES,
} from '../runs/weights.js';
import type { HitList } from './hits.js';

/** As in kernel/noise.as.ts, whose twin this is: shortest run, words of the gate's window. */
const SHORTEST = 3;
const GATE = 4;

const WORD = 8;

/** 1 for a common value. */
const IS_COMMON = Uint8Array.from(NOISE_SCORES, (_, byte) => Number(COMMON.includes(byte)));

/** 2: GOOD, 1: SOFT, 0: neither. Bytes from `end` on count as zero. */
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
  for (let i = at; i < at + GATE * WORD; i++) {
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
 * The runs of data[from, to), `end` being the end of what was read and `behind` the 8 bytes before `from`; as word index from
 * `base` (a multiple of 8) and number of words.
 */
export function scalarRuns(
  data: Uint8Array,
  from: number,
  to: number,
  end: number,
  behind: Uint8Array,
  base: number,
  runs: HitList,
): void {
  const words = Math.ceil((to - from) / WORD);
  const classAt = (word: number) => classOf(data, from + WORD * word, end);
  const emit = (start: number, length: number): void => {
    const edge = start === 0 || start + length >= words;
    const at = from + WORD * start;
    const random = () =>
      looksRandom(data, at, end) ||
      (length < GATE && [WORD, WORD / 2].some((before) => looksRandom(data, at - before, end))) ||
      (length > GATE && looksRandom(data, at + WORD * (length - GATE), end));
    if (edge || (length >= SHORTEST && random())) runs.push((base + from) / WORD + start, length);
  };
  let before = classOf(behind, 0, behind.length);
  let here = words > 0 ? classAt(0) : 0;
  let start = -1;
  for (let word = 0; word < words; word++) {
    const next = classAt(word + 1);
    const inRun = here === 2 || (here === 1 && before === 2 && next === 2);
    if (inRun && start < 0) start = word;
    if (!inRun && start >= 0) {
      emit(start, word - start);
      start = -1;
    }
    before = here;
    here = next;
  }
  if (start >= 0) emit(start, words - start);
}
