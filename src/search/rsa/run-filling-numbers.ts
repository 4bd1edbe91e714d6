import { WINDOW_WORDS } from '../../runs/extractor.js';
import { isGrey } from '../core/randomness-test.js';
import type { Piece } from '../core/run-bytes.js';

/** Lengths that are looked for, in bytes: primes of 512-bit moduli have fewer, and stand everywhere. */
const SHORTEST = 64;
const LONGEST = 2048;
/** All lengths of primes are multiples of it, and so are those of moduli: 128 bits. */
const STEP = 16;
/** Bytes of a length that may stand between a zero and a number: 81, 01 01. */
const MOST_HEADER = 2;

/** Bytes before a run in which a number may begin: a word that the net has missed, and one with a header in it. */
const MOST_BEFORE = 16;

/** Words that the extractor looks for at every word. */
const USUAL: ReadonlySet<number> = new Set(WINDOW_WORDS);

/** A number that fills its run: its address and length in bytes. */
export interface RunFillingNumber {
  at: number;
  length: number;
}

/**
 * Numbers that have a run to themselves and are none of the extractor's: they begin behind a zero byte and a length of a byte or
 * two, at any byte of the word before the run or of its first one, or have a length that few keys have. The piece is the whole run. (The extractor
 * gives those that may be a prime or a modulus: src/runs/kernel/own.as.ts.)
 */
export function* runFillingNumbers(
  memory: Uint8Array,
  { at, words, before, after }: Piece,
): Generator<RunFillingNumber> {
  const end = at + words * 8;
  if (end - at < SHORTEST - 8 || end - at > LONGEST + 8) return;
  for (const [start, header] of startsOf(memory, at, before))
    for (let length = firstLength(start, end); start + length <= end + 8; length += STEP) {
      if (length < SHORTEST || length > LONGEST || start + length > at + after) continue;
      if (header > 0 && !isLengthOf(memory, start - header, header, length)) continue;
      // The extractor reads on behind a first byte that is zero.
      const isUsual = (start - at) % 8 === 0 || (start === at + 1 && memory[at] === 0);
      if (!isUsual || !USUAL.has(length / 8)) yield { at: start, length };
    }
}

/** The shortest multiple of {@link STEP} with which a number at `start` ends within a word of the run's end. */
const firstLength = (start: number, end: number): number => Math.ceil((end - 8 - start + 1) / STEP) * STEP;

/**
 * Where a number may begin, with the bytes of a length before it: at the run, or a word before it, which the net may have missed;
 * behind a zero byte there or in the run's first word, and behind a short length that follows it.
 */
function startsOf(memory: Uint8Array, at: number, before: number): Map<number, number> {
  const starts = new Map([[at, 0]]);
  if (before >= 8 && isGrey(memory, at - 8)) starts.set(at - 8, 0);
  for (let zero = at - Math.min(MOST_BEFORE, before); zero < at + 8; zero++) {
    if (memory[zero] !== 0 || memory[zero + 1] === 0) continue;
    for (let header = 0; header <= MOST_HEADER; header++) {
      const start = zero + 1 + header;
      starts.set(start, Math.min(header, starts.get(start) ?? header));
    }
  }
  return starts;
}

/** A number of so many bytes, or of one more for its sign, or in bits as OpenPGP counts them (RFC 9580, 3.2). */
function isLengthOf(memory: Uint8Array, at: number, bytes: number, length: number): boolean {
  const value = bytes === 1 ? memory[at]! : memory[at]! * 256 + memory[at + 1]!;
  return value === length || value === length + 1 || Math.ceil(value / 8) === length;
}
