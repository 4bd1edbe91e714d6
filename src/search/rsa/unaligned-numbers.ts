import { zeroBytes } from '../core/randomness-test.js';
import type { Piece } from '../core/run-bytes.js';

/** Bytes of a word. */
const WORD = 8;
/**
 * Zero bytes among the eight next to an unaligned number, as for curve numbers
 * (src/runs/kernel/scalars.as.ts).
 */
const MIN_ZERO_BYTES = 5;
/** Type tags are small; the first octet of a number is as small in one of eight. */
const MAX_TYPE = 31;

/**
 * Addresses where a number of `length` bytes may begin that is not aligned to words: the first or last of
 * adjacent numbers in a structure of octets. Zeros directly precede or follow it, or precede it with a type
 * octet between.
 */
export function* unalignedNumbers(
  memory: Uint8Array,
  { at, words, before, after, startsRun, endsRun }: Piece,
  length: number,
): Generator<number> {
  const end = at + words * WORD;
  const fits = (start: number) =>
    (start - at) % WORD !== 0 && start >= at - before && start + length <= Math.min(end + WORD, at + after);
  if (startsRun && before >= 2 * WORD)
    for (let start = at - WORD + 1; start < at + WORD; start++)
      if (beginsAt(memory, start) && fits(start)) yield start;
  if (endsRun && after >= words * WORD + 2 * WORD)
    for (let stop = end - WORD + 1; stop < end + WORD; stop++)
      if (endsAt(memory, stop) && stop - length > at - WORD && fits(stop - length)) yield stop - length;
}

function beginsAt(memory: Uint8Array, start: number): boolean {
  const zeros = (stop: number) => memory[stop - 1] === 0 && memory[stop - 2] === 0;
  const isTyped = memory[start - 1]! <= MAX_TYPE && zeros(start - 1);
  return (
    memory[start] !== 0 && (zeros(start) || isTyped) && zeroBytes(memory, start - WORD) >= MIN_ZERO_BYTES
  );
}

function endsAt(memory: Uint8Array, stop: number): boolean {
  const isFollowedByZeros = memory[stop] === 0 && memory[stop + 1] === 0;
  return memory[stop - 1] !== 0 && isFollowedByZeros && zeroBytes(memory, stop) >= MIN_ZERO_BYTES;
}
