import { WINDOW_WORDS } from '../../sweep/runs/extractor.js';
import { mayEndNumber } from '../core/randomness-test.js';
import type { Piece } from '../core/run-bytes.js';

/** Lengths in bytes; shorter numbers, primes of 512-bit moduli, would match everywhere. */
const MIN_BYTES = 64;
const MAX_BYTES = 2048;
/** Lengths of primes are multiples of 128 bits, and so are those of moduli. */
const STEP = 16;
/** Bytes of a length between a zero and a number: 81, 01 01. */
const MAX_LENGTH_BYTES = 2;

/**
 * Bytes before a run in which a number can begin: a word that the entropy net has missed, and one with a
 * header in it.
 */
const MAX_LEADING_BYTES = 16;

/** Sizes in words that the extractor covers at every word. */
const WINDOW_SIZES: ReadonlySet<number> = new Set(WINDOW_WORDS);

/** A number that fills its run: its address and length in bytes. */
export interface RunFillingNumber {
  at: number;
  length: number;
}

/**
 * Numbers that fill their run and that the extractor does not cover (src/sweep/runs/kernel/own.as.ts): they
 * begin behind a zero byte and a length of one or two bytes, at any byte of the run's first word or the word
 * before it, or have a rare length. The piece is the whole run.
 */
export function* runFillingNumbers(
  memory: Uint8Array,
  { at, words, before, after }: Piece,
): Generator<RunFillingNumber> {
  const end = at + words * 8;
  if (end - at < MIN_BYTES - 8 || end - at > MAX_BYTES + 8) return;
  for (const [start, header] of startsOf(memory, at, before))
    for (let length = firstLength(start, end); start + length <= end + 8; length += STEP) {
      if (length < MIN_BYTES || length > MAX_BYTES || start + length > at + after) continue;
      if (header > 0 && !isLengthOf(memory, start - header, header, length)) continue;
      // The extractor also reads on behind a zero first byte.
      const isAligned = (start - at) % 8 === 0 || (start === at + 1 && memory[at] === 0);
      if (!isAligned || !WINDOW_SIZES.has(length / 8)) yield { at: start, length };
    }
}

/**
 * The shortest multiple of {@link STEP} with which a number at `start` ends within a word of the run's end.
 */
const firstLength = (start: number, end: number): number => Math.ceil((end - 8 - start + 1) / STEP) * STEP;

/**
 * Addresses where a number may begin, with the bytes of a length before it: the run, the word before it if
 * the net may have missed it, and the bytes behind a zero and a short length.
 */
function startsOf(memory: Uint8Array, at: number, before: number): Map<number, number> {
  const starts = new Map([[at, 0]]);
  if (before >= 8 && mayEndNumber(memory, at - 8)) starts.set(at - 8, 0);
  for (let zero = at - Math.min(MAX_LEADING_BYTES, before); zero < at + 8; zero++) {
    if (memory[zero] !== 0 || memory[zero + 1] === 0) continue;
    for (let header = 0; header <= MAX_LENGTH_BYTES; header++) {
      const start = zero + 1 + header;
      starts.set(start, Math.min(header, starts.get(start) ?? header));
    }
  }
  return starts;
}

/** True for a length in bytes, with or without a sign byte, or in bits as in OpenPGP (RFC 9580, 3.2). */
function isLengthOf(memory: Uint8Array, at: number, bytes: number, length: number): boolean {
  const value = bytes === 1 ? memory[at]! : memory[at]! * 256 + memory[at + 1]!;
  return value === length || value === length + 1 || Math.ceil(value / 8) === length;
}
