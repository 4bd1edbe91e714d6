import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { extentsInFile, readerWithTail } from '../../src/core/base/bytes/tail.js';
import { type StripCaps, seamStrips } from '../../src/formats/memory/seam-strips.js';
import { SegmentMap } from '../../src/formats/memory/segment-map.js';
import type { Segment } from '../../src/formats/memory/types.js';
import fc from '../support/property.js';

const KiB = 1024;
/** Bytes on either side of a seam. */
const REACH = 20 * KiB;

function stripsOf(file: Uint8Array, segments: readonly Segment[], caps?: StripCaps) {
  const map = SegmentMap.of([...segments].sort((a, b) => a.offset - b.offset));
  return seamStrips(map.seams(), map, bufferReader(file), ...(caps ? [caps] : []));
}

/** Segments of one length, one behind the other in the file, at the addresses that `order` says. */
const segmentsOf = (order: readonly number[], length: number, base = 0x1000n): Segment[] =>
  order.map((place, index) => ({ offset: index * length, length, address: base + BigInt(place * length) }));

describe('strips around seams', () => {
  const file = new SeededRandom('strips').bytes(256 * KiB);

  test('have the bytes as they lie in memory, each once', () => {
    const layout = fc.record({
      choice: fc.array(fc.nat(), { minLength: 2, maxLength: 40 }),
      length: fc.constantFrom(1, 7, 64, 1000, 4096),
      base: fc.bigInt({ min: 0n, max: 300n }),
    });
    fc.assert(
      fc.property(layout, ({ choice, length, base }) => {
        const order = choice.map((_, i) => i).sort((a, b) => choice[a]! - choice[b]!);
        const segments = segmentsOf(order, length, base);
        const bytes = file.subarray(0, order.length * length);
        const { strips, left } = stripsOf(bytes, segments);
        expect(left).toBe(0);
        const seams = order.filter((place, i) => order[i + 1] !== place + 1 && place + 1 < order.length);
        expect(strips?.seams.length ?? 0).toBe(seams.length);
        if (strips === undefined) return;
        const { tail } = strips;
        expect(tail.from % 64).toBe(0);
        const reader = readerWithTail(
          () => bufferReader(bytes),
          () => tail,
        );
        // All of this memory lies within the reach of a seam, or is left out with its ends.
        const all = Buffer.alloc(tail.length - tail.from);
        expect(reader.read(tail.from, all)).toBe(all.length);
        const memory = Buffer.concat(order.map((_, place) => bytesAt(bytes, order.indexOf(place), length)));
        const first = tail.starts[0]!;
        const last = tail.starts.at(-1)! + tail.lengths.at(-1)!;
        const strip = all.subarray(first - tail.from, last - tail.from);
        if (memory.length <= REACH) expect(strip.equals(memory)).toBe(true);
        expect(Buffer.from(memory).includes(strip)).toBe(true);
        const inFile = extentsInFile(tail, { offset: first, length: last - first });
        const read = inFile.map(({ offset, length }) => bytes.subarray(offset, offset + length));
        expect(Buffer.concat(read).equals(strip)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('are far apart if their seams are', () => {
    const segments = segmentsOf([1, 0, 3, 2], 64 * KiB);
    const { strips } = stripsOf(file, segments);
    const ends = [...strips!.tail.starts].map((start, i) => [start, start + strips!.tail.lengths[i]!]);
    expect(strips!.tail.lengths.every((length) => length === REACH)).toBe(true);
    expect(ends).toHaveLength(6);
  });

  test('are left out at seams between zeros', () => {
    expect(stripsOf(new Uint8Array(8 * KiB), segmentsOf([1, 0], 4 * KiB))).toEqual({ left: 0, hidden: 0 });
  });

  test('are not made without a seam', () => {
    expect(stripsOf(file, segmentsOf([0, 1, 2, 3], 4 * KiB))).toEqual({ left: 0, hidden: 0 });
    expect(stripsOf(file, segmentsOf([0, 2, 4, 6].reverse(), 4 * KiB))).toEqual({ left: 0, hidden: 0 });
  });

  test.each([
    ['seams', { seams: 3, pieces: 1000 }],
    ['pieces', { seams: 1000, pieces: 4 }],
  ])('beyond a cap on %s are counted', (_, caps) => {
    const order = Array.from({ length: 32 }, (_, i) => 31 - i);
    const { strips, left } = stripsOf(file, segmentsOf(order, 4 * KiB), caps);
    expect(strips!.seams.length + left).toBe(31);
    expect(left).toBeGreaterThan(0);
  });

  test('never have more bytes than the file', () => {
    // Each byte of the file at a hundred addresses.
    const order = Array.from({ length: 16 }, (_, i) => 15 - i);
    const segments = Array.from({ length: 100 }, (_, copy) =>
      segmentsOf(order, 4 * KiB, BigInt(copy) * 0x10_0000n),
    ).flat();
    const { strips, left } = stripsOf(file.subarray(0, 64 * KiB), segments);
    const bytes = strips!.tail.lengths.reduce((sum, length) => sum + length, 0);
    expect(bytes).toBeLessThanOrEqual(64 * KiB + 2 * REACH);
    expect(left).toBeGreaterThan(1000);
  });
});

const bytesAt = (bytes: Uint8Array, index: number, length: number): Uint8Array =>
  bytes.subarray(index * length, (index + 1) * length);
