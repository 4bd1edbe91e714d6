import { zeroBytes } from '../core/randomness-test.js';
import type { Piece } from '../core/run-bytes.js';

/** Bytes of a word. */
const WORD = 8;
/** Zero bytes of the eight beside a number that stands at no word, as src/runs/kernel/scalars.as.ts has it for numbers of curves. */
const FRAME = 5;
/** Types have small numbers: a number's own first octet has one in one of eight. */
const MOST_TYPE = 31;

/**
 * Where a number of `length` bytes may begin that stands at a byte where no word does: in a structure of octets, first or last of others
 * without a gap. Zeros stand right before it or right behind it, or an octet for its type between them and the first.
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
  const isTyped = memory[start - 1]! <= MOST_TYPE && zeros(start - 1);
  return memory[start] !== 0 && (zeros(start) || isTyped) && zeroBytes(memory, start - WORD) >= FRAME;
}

function endsAt(memory: Uint8Array, stop: number): boolean {
  return (
    memory[stop - 1] !== 0 && memory[stop] === 0 && memory[stop + 1] === 0 && zeroBytes(memory, stop) >= FRAME
  );
}
