import { describe, expect, test } from '@jest/globals';
import { cellsOf } from '../../../src/sweep/runs/cells.js';
import fc from '../../support/property.js';

/** By the definition: edges of numbers of one size, counted from either end of the run. */
function naive(words: number, size: number): number[] {
  const length = words * 8;
  const rest = length % size;
  const nearly = rest <= 8 || size - rest <= 8;
  if (rest !== 0 && words > 24) return [];
  const found = new Set<number>();
  for (let at = 8; at + size <= length + 8; at += 8) {
    const fromStart = at % size === 0 && (nearly || at / size < 2);
    const fromEnd =
      (length - at) % size === 0 && (nearly || (length - at) / size <= 2) && at + size <= length;
    if (fromStart || fromEnd) found.add(at);
  }
  return [...found].sort((a, b) => a - b);
}

describe('numbers beside others in a run', () => {
  test('are cut from both ends, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.constantFrom(32, 48, 64), (words, size) => {
        const cells = [...cellsOf(words, size)];
        expect([...cells].sort((a, b) => a - b)).toEqual(naive(words, size));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [8, 32, [32]],
    [12, 32, [64, 32]],
    [16, 32, [96, 64, 32]],
    // A hash before two numbers.
    [9, 32, [40, 8, 32]],
    // Two numbers of 48 bytes before one of 32, whose edges no size alone has.
    [16, 48, [80, 32, 48]],
    [10, 32, [48, 16, 32]],
    [26, 32, []],
    [4, 32, []],
  ])('%d words, numbers of %d bytes: those next to an end first', (words, size, cells) => {
    expect([...cellsOf(words, size)]).toEqual(cells);
  });
});
