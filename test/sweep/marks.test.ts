import { expect, test } from '@jest/globals';
import { MARK_OVERLAP, type Mark, mayHaveMark } from '../../src/sweep/marks.js';
import { SweepPool } from '../../src/sweep/pool.js';
import type { HitBatch, SweepOptions } from '../../src/sweep/types.js';
import fc from '../support/property.js';
import { data, file, MiB, net, usesPoolFiles } from './pool-files.js';

usesPoolFiles();

const TAG = 0x21;

/** Places at which the tag and all bytes of a mark are. */
function placesOf(bytes: Uint8Array, { bytes: mark, behind }: Mark): number[] {
  return Array.from(bytes.keys()).filter(
    (at) =>
      at >= behind.distance &&
      bytes[at - behind.distance] === behind.byte &&
      mark.every((byte, i) => bytes[at + i] === byte),
  );
}

/** Few different bytes, so that marks and parts of them are frequent. */
const byte = fc.constantFrom(0, 1, 2, TAG);
const mark = fc.record({
  bytes: fc.array(byte, { minLength: 4, maxLength: 4 }).map((bytes) => Uint8Array.from(bytes)),
  rare: fc.nat(2),
  behind: fc.record({ byte: fc.constant(TAG), distance: fc.integer({ min: 1, max: 9 }) }),
});

test('a window has a mark as a search byte by byte says, unless one begins before it', () => {
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 120 }), fc.array(mark, { maxLength: 3 }), (bytes, marks) => {
      const window = Uint8Array.from(bytes);
      const has = marks.some((each) => placesOf(window, each).length > 0);
      const mayBegin = marks.some(({ bytes: own, rare, behind }) => {
        const at = Buffer.from(window).indexOf(own.subarray(rare));
        return at >= 0 && at < rare + behind.distance;
      });
      expect(mayHaveMark(window, marks)).toBe(has || mayBegin);
    }),
  );
});

test('a mark is in one of two windows wherever the bytes are cut', () => {
  fc.assert(
    fc.property(
      mark,
      fc.array(fc.array(byte, { maxLength: 9 }), { minLength: 3, maxLength: 3 }),
      fc.nat(),
      (each, gaps, cut) => {
        const [before, between, after] = gaps as [number[], number[], number[]];
        const filler = Array.from({ length: each.behind.distance - 1 }, (_, i) => between[i] ?? 0);
        const all = Uint8Array.from([...before, TAG, ...filler, ...each.bytes, ...after]);
        const at = cut % all.length;
        const windows = [all.subarray(0, at + MARK_OVERLAP), all.subarray(at)];
        expect(windows.some((window) => mayHaveMark(window, [each]))).toBe(true);
      },
    ),
  );
});

const sought: Mark = { bytes: Uint8Array.of(0, 9, 0xf3, 8), rare: 2, behind: { byte: TAG, distance: 9 } };
const planted = Buffer.from([TAG, ...Buffer.alloc(8), ...sought.bytes]);

async function sweep(bytes: Uint8Array, length: number, options: SweepOptions): Promise<HitBatch[]> {
  const pool = new SweepPool(2);
  const batches: HitBatch[] = [];
  try {
    for await (const batch of pool.sweep(file(bytes, length), net, { from: 0, to: length }, options))
      batches.push(batch);
  } finally {
    await pool.close();
  }
  return batches;
}

test.each([0, 2 * MiB - 5, 3 * MiB - 11, data.length - planted.length])(
  'a sweep meets a mark at %d, and none in the other tasks',
  async (at) => {
    const bytes = Buffer.from(data);
    planted.copy(bytes, at);
    const batches = await sweep(bytes, bytes.length, { marks: [sought] });
    expect(batches.length).toBeGreaterThan(1);
    for (const { from, to, marked } of batches) expect(marked).toBe(from <= at && at < to);
  },
);

test('a sweep that looks for no marks, or misses bytes, says nothing of them', async () => {
  const without = await sweep(data, data.length, {});
  expect(without.every((batch) => !('marked' in batch))).toBe(true);
  const [last, ...others] = (await sweep(data, data.length + 100, { marks: [sought] })).reverse();
  expect(last!.marked).toBe(undefined);
  expect(others.every(({ marked }) => marked === false)).toBe(true);
});
