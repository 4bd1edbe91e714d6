import { cellsOf, MOST_OBJECT } from '../../../sweep/runs/cells.js';
import { NumberSet } from '../../core/number-set.js';
import { zeroBytes } from '../../core/randomness-test.js';
import type { Run } from '../../core/types.js';
import type { CurveContext, CurveNumbers } from './curve-numbers.js';
import { LIKELY, SCALAR } from './number-flags.js';

/** Words of the longest run that is cut into numbers without any being known. */
const MOST_WORDS = 66;
/** Numbers of 32 bytes, and half as many longer ones; ordinary cores have some hundred. */
const MOST = { least: 4096, bytes: 3 << 16 };

/** Zero bytes of a quiet word. */
const MIN_ZERO_BYTES = 2;

const UNTRIED = 'numbers beside others in one run were not tried as private keys';
const NOT_KEPT = 'numbers beside others in one run were not kept';

const cache = new WeakMap<CurveNumbers, Map<number, NumberSet>>();

/** {@link collect}, once for each size. */
export function innerNumbers(size: number, context: CurveContext): NumberSet {
  const bySize = cache.get(context.numbers) ?? new Map<number, NumberSet>();
  cache.set(context.numbers, bySize);
  const set = bySize.get(size) ?? collect(size, context);
  bySize.set(size, set);
  return set;
}

/**
 * Numbers of `size` bytes that lie beside others in their run (src/sweep/runs/cells.ts). They are less likely
 * keys than those at the start of a run, so they have a set and a budget of their own, without numbers that
 * are at the start of another one. Shorter runs come first: they are likelier to be one object.
 */
function collect(
  size: number,
  { numbers, runs, bytes, kernel, length, managed, inModule, skippedWork, budget }: CurveContext,
): NumberSet {
  const set = new NumberSet(size);
  const others = numbers.bySize.get(size)!;
  // The length of an array is known.
  if (managed) return set;
  const room = Math.max(MOST.least, Math.floor(length / MOST.bytes));
  const most = budget(size > 32 ? room / 2 : room);
  const least = size / 8 + 1;
  // Tables of programs are no keys.
  const outside = (run: Run) => !inModule(run.offset);
  const cells = Array.from({ length: MOST_WORDS + 1 }, (_, words) => [...cellsOf(words, size)]);
  const [longest, left] = lengthWithin(runs.ofWords(least, MOST_WORDS), outside, cells, most);
  const looksRandom = kernel.extractor.randomnessTest(size);
  for (const run of runs.ofWords(least, longest)) {
    if (!outside(run)) continue;
    for (const { at, offset, words, before, after } of bytes.pieces(run)) {
      if (words > MOST_OBJECT && before >= 8 && isChunk(kernel.bytes, at, words * 8)) continue;
      const isObject =
        words <= MOST_OBJECT &&
        isQuiet(kernel.bytes, at - 8, before >= 8) &&
        isQuiet(kernel.bytes, at + words * 8, after >= words * 8 + 8);
      for (const cell of cells[words]!) {
        if (cell < -before || cell + size > after || !looksRandom(at + cell)) continue;
        const known = others.find(kernel.bytes, at + cell);
        if (known >= 0 && others.flags(known) & SCALAR) continue;
        if (set.add(kernel.bytes, at + cell, offset + cell, isObject ? SCALAR | LIKELY : SCALAR)) continue;
        const left = { target: 'any', left: 1 } as const;
        skippedWork.add('ec-numbers', left, NOT_KEPT, offset + cell, offset + cell + size);
      }
    }
  }
  if (left > 0) {
    const { from, to } = runs.span(longest + 1, MOST_WORDS);
    skippedWork.add('inner-numbers', { target: 'blind', left }, UNTRIED, from, to);
  }
  return set;
}

/**
 * True if the run fills a chunk of glibc's malloc, behind its size (malloc/malloc.c): one long number, as the
 * moduli of certificates are.
 */
function isChunk(memory: Buffer, at: number, length: number): boolean {
  const size = memory.readUInt32LE(at - 8);
  return memory.readUInt32LE(at - 4) === 0 && size >= length + 8 && size < length + 32;
}

/** True if the word, if there is one, is a header, a pointer or padding, and no code or text. */
const isQuiet = (memory: Buffer, at: number, exists: boolean): boolean =>
  !exists || zeroBytes(memory, at) >= MIN_ZERO_BYTES;

/** Words of the longest runs whose numbers fit the budget with those of all shorter ones; how many do not. */
function lengthWithin(
  runs: Iterable<Run>,
  accepts: (run: Run) => boolean,
  cells: readonly (readonly number[])[],
  most: number,
): [words: number, left: number] {
  const counts = new Float64Array(MOST_WORDS + 1);
  for (const run of runs) if (accepts(run)) counts[run.words]!++;
  let room = most;
  let left = 0;
  let longest = MOST_WORDS;
  for (const [words, runs] of counts.entries()) {
    const count = runs * cells[words]!.length;
    room -= count;
    if (room >= 0) continue;
    longest = Math.min(longest, words - 1);
    left += count;
  }
  return [longest, left];
}
