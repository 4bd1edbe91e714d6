import { describe, expect, test } from '@jest/globals';
import type { View, Window } from '../../src/formats/memory/types.js';
import { NEAR_SEAM, seamValues } from '../../src/scan/seams.js';
import { SHORTEST_RUN } from '../../src/sweep/values/random.js';
import { packRun } from '../../src/sweep/values/value-run.js';

/** Bytes on each side of the memory that is read. */
const AROUND = 4096;

/** Two pieces of memory that touch; the seam is at {@link AROUND}. */
function hits(before: Buffer, after: Buffer) {
  const memory = Buffer.alloc(2 * AROUND, 0x20);
  before.copy(memory, AROUND - before.length);
  after.copy(memory, AROUND);
  const window = (offset: number, back: number, ahead: number): Window => {
    const from = Math.max(0, offset - back);
    const bytes = memory.subarray(from, Math.min(memory.length, offset + ahead));
    return { bytes, at: offset - from, offsetOf: (at: number) => from + at } as unknown as Window;
  };
  const near = window(AROUND - 1, NEAR_SEAM - 1, NEAR_SEAM + 1);
  return [...seamValues({ window } as unknown as View, near, AROUND)];
}

const TEXT = 'aB3dE5gH7jK9mN1pQ3sT';

describe.each([
  ['UTF-8', Buffer.from(TEXT, 'latin1'), false],
  ['UTF-16', Buffer.from(TEXT, 'utf16le'), true],
])('a run of %s over a seam', (_, bytes, wide) => {
  test('is found wherever the seam divides it', () => {
    const stride = wide ? 2 : 1;
    const id = packRun({ length: TEXT.length, wide, cut: true, random: false });
    for (let cut = 1; cut <= (TEXT.length - 1) * stride; cut++)
      expect(hits(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ offset: AROUND - cut, id }]);
  });

  test('is not found where it ends at the seam, begins there, or is too short', () => {
    const short = bytes.subarray(0, (bytes.length / TEXT.length) * (SHORTEST_RUN - 1));
    expect(hits(bytes, Buffer.alloc(0))).toEqual([]);
    expect(hits(Buffer.alloc(0), bytes)).toEqual([]);
    expect(hits(short.subarray(0, 7), short.subarray(7))).toEqual([]);
  });
});
